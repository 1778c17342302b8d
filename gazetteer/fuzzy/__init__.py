"""A misspelt name -> the names it may stand for."""

from gazetteer.fuzzy.index import FUZZY_FILES, SHORTEST, FuzzyIndex, FuzzyMatch

__all__ = ["FUZZY_FILES", "SHORTEST", "FuzzyIndex", "FuzzyMatch"]
