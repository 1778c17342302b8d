"""From a saved model to a graph that runs without PyTorch: the weights read, the graph built, the folder written."""

from lmr_hybrid.tagging.exporting.export import PRECISIONS, Precision, export_model

__all__ = ["PRECISIONS", "Precision", "export_model"]
