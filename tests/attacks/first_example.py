"""A plugin of pytest's: a property is told at its first example that fails, and no simpler one."""

from hypothesis import Phase, settings

settings.register_profile(
    "first example",
    derandomize=True,
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
)
