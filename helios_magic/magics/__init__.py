"""The %helios and %%helios magics: a thin face over Session."""
