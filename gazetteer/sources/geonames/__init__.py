"""Places out of GeoNames' daily dumps."""

from gazetteer.sources.geonames.source import GeonamesSource

__all__ = ["GeonamesSource"]
