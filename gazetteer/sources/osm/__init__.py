"""Places out of OpenStreetMap: extracts, and the changes made to it since."""

from gazetteer.sources.osm.changes import ChangeCounts, apply_changes, newest_change
from gazetteer.sources.osm.described import describe_all
from gazetteer.sources.osm.extracts import add_osm_places, complete_from_extracts, load_extracts
from gazetteer.sources.osm.files import OsmFile, open_changes, open_osm
from gazetteer.sources.osm.source import OsmSource

__all__ = [
    "ChangeCounts",
    "OsmFile",
    "OsmSource",
    "add_osm_places",
    "apply_changes",
    "complete_from_extracts",
    "describe_all",
    "load_extracts",
    "newest_change",
    "open_changes",
    "open_osm",
]
