"""What is done to training messages: the plain values of a training's `[augmentation]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from lmr_hybrid.settings import Limits


@dataclass(frozen=True, slots=True)
class AugmentationConfig:
    """Probabilities, each in 0..1; 0 switches the change off.

    `names` is the probability that a message's mentions may be replaced, and then of a mention: `replaced`
    by the name of another place of its kind, `invented` a name that no place bears (both together at most 1). Of a
    message: `hashtag`, that a mention of one name becomes a hashtag or a hashtag plain words; `lower` and `upper`, that
    all of it is written so; `typo`, that one letter of a mention slips; `apostrophe`, that apostrophes are left out;
    `retweet`, that it begins as a retweet does; `truncated`, that its end is cut off.

    In the last `plain_epochs` epochs the corpus' messages stay as they are: what the annotators of just these texts
    hold for a place is learnt last.

    `streets` is the share of made-up street-level messages added to every epoch, as a part of the corpus' size.

    Of the hits that the tagger is shown of a message: `gazetteer_dropout`, that it sees none; `match_dropout`, that one
    is withheld; `region`, that a gazetteer of the region is simulated, which then knows each mention's name under the
    kind of its type with probability `region_recall`, and holds a namesake of any other word with
    probability `region_noise`.
    """

    names: float = 0.5
    replaced: float = 0.5
    invented: float = 0.15
    hashtag: float = 0.05
    lower: float = 0.05
    upper: float = 0.03
    typo: float = 0.03
    apostrophe: float = 0.05
    retweet: float = 0.05
    truncated: float = 0.05
    plain_epochs: Annotated[int, Limits(0)] = 2
    streets: float = 0.1
    gazetteer_dropout: float = 0.1
    match_dropout: float = 0.1
    region: float = 0.3
    region_recall: float = 0.6
    region_noise: float = 0.01


#: The messages as they are, and all hits shown.
NONE = AugmentationConfig(
    **dict.fromkeys(AugmentationConfig.__dataclass_fields__, 0),
)
