"""Print what importing costs in the VM: `heap_import.py MODULE,…,--,EXTRA,…,--,RINGING,…`, in order of need.

A module's figure is the growth of live heap from before its import to after it; what it imports itself is
already there, so the figures add up to the total. Between them stand the VM's own lines about its table of
names (qstr), which grows by doubling: the host takes that growth out of the module that happened to cause
it. Native code is not in the heap of a VM on a host.

Modules that firmware/setup.py forgets once the adapter stands are forgotten here too, and RINGING, which
announcer.py forgets: their figure is what stays of them. The extras come last: what each adds to an adapter
that stands. The last line is [total, peak, [figure of each module], [of each extra], [indices of those that
were forgotten]]. Names here have one letter, for they lie in the same table as those that are counted.
"""

import gc
import sys

import micropython

sys.path[:] = [""]  # as on a device: each module keeps its file name in RAM


def f():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


a = "".join(sys.argv[1:]).split(",")  # in pieces: the VM keeps each word of the command line as a name
b = a[a.index("--") + 1 :]  # extras
a = a[: a.index("--")]  # modules of the default configuration
c = b[b.index("--") + 1 :]  # those that a ring needs
b = b[: b.index("--")]
d = [0] * len(a)
e = [0] * len(b)
p = []
h = i = k = g = None
h = f()
micropython.qstr_info()
for i in range(len(a)):
    k = f()
    __import__(a[i])
    d[i] = f() - k
    micropython.qstr_info()
g = f() - h
for i in range(len(a) - 1, -1, -1):  # what setup.forget() and announcer.py do, one by one
    if a[i] in sys.modules["setup"].PASSING or a[i] in c:
        p.append(i)
for i in p:
    k = f()
    if a[i] in sys.modules:
        del sys.modules[a[i]]
        if "." in a[i]:
            delattr(sys.modules[a[i].split(".")[0]], a[i].split(".")[1])
    d[i] -= k - f()
h = f() - h
micropython.qstr_info()
for i in range(len(b)):
    k = f()
    __import__(b[i])
    e[i] = f() - k
    micropython.qstr_info()
print([h, g, d, e, p])
