"""Text that a page must show as it is, and that must neither run nor break out of its place."""

SCRIPT = "<script>alert(1)</script>"
CLOSING = "</script><img src=x onerror=alert(2)>"
ENTITY = "&quot;&lt;b&gt;"
QUOTES = "\"double\" 'single' `back`"
RIGHT_TO_LEFT = "שלום עולם"
OVERRIDE = "right\u202eto left\u202c"
EMOJI = "👩‍🔬🔥"
TEMPLATE = "{{ 7 * 7 }}{% raw %}${1}"
SEPARATOR = "line\u2028separator"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2

TEXTS = [
    SCRIPT,
    CLOSING,
    ENTITY,
    QUOTES,
    RIGHT_TO_LEFT,
    OVERRIDE,
    EMOJI,
    TEMPLATE,
    SEPARATOR,
    LONG,
]

RUN = '<svg onload>"one" & שלום 🔥'
"""Names of runs have neither a slash nor an equals sign."""

TASKS = [
    "<b onclick=alert(3)>tags",
    "משימה",
    "dep 👩‍🔬",
    "&quot;ner&quot;",
    "{{ 7 * 7 }}",
    "a_long_task",
]
"""Names of tasks are parts of names of files, and so have no slash."""
