"""Projects that `docker stack deploy` hands to a swarm, as the Docker client reads and converts them.

Its loader is older than Compose's and its own: other keys, another merge, no `.env`, no `extends`.
`load_stack` reads the files; `to_swarm` turns a project into what the swarm makes of it.
"""

from __future__ import annotations

from volint.assemble.stack.load import load_stack
from volint.assemble.stack.swarm import to_swarm

__all__ = ["load_stack", "to_swarm"]
