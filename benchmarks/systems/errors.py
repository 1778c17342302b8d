"""What can go wrong with a recipe.

LmrError
├── RecipeError         a recipe, or a value given in place of one of its own, that cannot be used
└── WeightsUnreachable  pretrained weights that are neither here nor to be fetched
"""

from __future__ import annotations

from lmr_hybrid.errors import LmrError


class RecipeError(LmrError):
    """A recipe cannot be used; the subject is its file and key."""


class WeightsUnreachable(LmrError):
    """Pretrained weights are neither here nor to be fetched; the subject is the folder, file or name asked for."""
