from volint.api import Rule


class Unfinished(Rule):
    code = "VL900"
