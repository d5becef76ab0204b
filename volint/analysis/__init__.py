"""What rules ask of a project: pure questions about the mount model, each answered in one module.

Nothing here reads a file or reports anything; rules reach it through `volint.api`.
"""
