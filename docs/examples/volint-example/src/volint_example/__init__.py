"""An example of a pack of rules for volint."""

from volint.api import Level, Pack, Part, RuleEntry


def pack() -> Pack:
    """Return the table of the pack: volint imports a rule's module only when the rule is to run."""
    return Pack(
        name="example",
        version="1.0",
        rules=(
            RuleEntry(
                code="EX001",
                name="unowned-volume",
                level=Level.NOTE,
                needs=(Part.VOLUMES,),
                module="volint_example.unowned_volume",
                cls="UnownedVolume",
            ),
            RuleEntry(
                code="EX002",
                name="foreign-registry",
                level=Level.WARNING,
                needs=(Part.CONTAINERS,),
                module="volint_example.foreign_registry",
                cls="ForeignRegistry",
            ),
        ),
    )
