"""Print what importing costs, as JSON, in the VM: `heap_import.py MODULE … -- EXTRA …`, in the order of need.

A module's figure is the growth of live heap from before its import to after it; what it imports itself is
already there, so the figures add up to the total. Between them stand the VM's own lines about its table of
names (qstr), which grows by doubling: the host takes that growth out of the module that happened to cause
it. Native code is not in the heap of a VM on a host.

Modules that firmware/setup.py forgets once the adapter stands are forgotten here too: their figure is what
stays of them, and `import_peak_bytes` is the heap before that. The extras come last: what each adds to an
adapter that stands.
"""

import gc
import json
import sys

import micropython


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


names = sys.argv[1:]
extras = names[names.index("--") + 1 :]
names = names[: names.index("--")]
cost = dict.fromkeys(names, 0)
extra_cost = dict.fromkeys(extras, 0)
failed = {}
json.dumps(cost)
start = live()
micropython.qstr_info()
for name in names:
    before = live()
    try:
        __import__(name)
    except ImportError as why:
        failed[name] = str(why)
    cost[name] = live() - before
    micropython.qstr_info()
most = live() - start
setup = sys.modules.get("setup")
passing = [name for name in names if setup and name in setup.PASSING]
setup = None
for name in reversed(passing):  # what setup.forget() does, one by one, so that each gets back what it gave
    before = live()
    room, dot, last = name.partition(".")
    del sys.modules[name]
    if dot:
        delattr(sys.modules[room], last)
    cost[name] -= before - live()
total = live() - start
micropython.qstr_info()
for name in extras:
    before = live()
    __import__(name)
    extra_cost[name] = live() - before
    micropython.qstr_info()
print(
    json.dumps(
        {
            "import_ram_bytes": total,
            "import_peak_bytes": most,
            "modules": cost,
            "extras": extra_cost,
            "passing": passing,
            "failed": failed,
        }
    )
)
