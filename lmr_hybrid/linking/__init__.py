"""From a mention to ranked places on the map."""

from lmr_hybrid.linking.context import NO_CONTEXT, NO_EVENT, Context, EventShares
from lmr_hybrid.linking.hits import Hits
from lmr_hybrid.linking.linker import Linker, Query, queries_of
from lmr_hybrid.linking.weights import Weights

__all__ = ["NO_CONTEXT", "NO_EVENT", "Context", "EventShares", "Hits", "Linker", "Query", "Weights", "queries_of"]
