"""The neural tagger: features from gazetteer matches, the Flair embedding stack, training, decoding, persistence."""
