"""Places out of an OpenStreetMap extract."""

from gazetteer.sources.osm.source import OsmSource

__all__ = ["OsmSource"]
