"""The data that come with the package: the world gazetteer, how it is built, and a small real OSM extract."""
