"""The budget as people read it: limits, rooms and modules as Markdown tables for the README."""

import re
from pathlib import Path

BEGIN = "<!-- budget: written by tools/budget.py --readme, do not edit -->"
END = "<!-- end of budget -->"

_WORDS = {
    "core_call_heap_bytes": "IAX2 core with one call up, live heap",
    "ata_call_heap_bytes": "whole adapter in a call, live heap",
    "import_ram_bytes": "RAM of all code once the adapter stands, machine code included",
    "mpy_total_bytes": "all default modules as .mpy",
    "tick_allocations": "allocated in 10 s of a call, outside the socket read",
    "default_in_call_bytes": "code and heap in a call",
}


def _row(*cells: object) -> str:
    return "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |"


def markdown(report: dict) -> str:
    """Return the tables of `report` (the content of budget.json), between their markers."""
    lines = [BEGIN, "", "| what (bytes) | now | limit |", "|---|---:|---:|"]
    lines += [_row(_WORDS[key], report[key], limit) for key, limit in report["limits"].items()]
    lines += [
        "",
        "| room | modules | .mpy | share | machine code | RAM | share |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, room in report["rooms"].items():
        figures = (room[key] for key in ("modules", "mpy", "mpy_share", "native", "ram", "ram_share"))
        lines.append(_row(name, *figures))
    lines += ["", "<details><summary>Each module</summary>", ""]
    lines += ["| module | .mpy | machine code | RAM |", "|---|--:|--:|--:|"]
    for name, module in report["modules"].items():
        lines.append(_row(f"`{name}`", module["mpy"], module["native"], module["ram"]))
    lines += ["", "</details>", ""]
    lines += ["<details><summary>Each optional part, loaded only if a setting asks for it</summary>", ""]
    lines += ["| module | for | .mpy | machine code | RAM when loaded |", "|---|---|--:|--:|--:|"]
    for name, extra in report["extras"].items():
        lines.append(_row(f"`{name}`", extra["why"], extra["mpy"], extra["native"], extra["ram"]))
    lines += ["", "</details>", "", *kernels(report), "", _small_print(report), "", END]
    return "\n".join(lines)


def kernels(report: dict) -> "list[str]":
    """Return the lines of the table of kernels."""
    lines = ["<details><summary>Each kernel, in instructions of an ESP32</summary>", ""]
    lines += ["| kernel | in the job | calls in 20 ms | a sample | in 20 ms | of 4.8 million |"]
    lines += ["|---|---|--:|--:|--:|--:|"]
    for name, kernel in report["kernels"].items():
        keys = ("job", "calls_a_frame", "instructions_a_sample", "instructions_a_frame")
        lines.append(_row(f"`{name}`", *(kernel[key] for key in keys), f"{kernel['percent_of_frame']:.2f} %"))
    lines += ["", "| job | all kernels in 20 ms |", "|---|--:|"]
    lines += [_row(name, frame) for name, frame in report["kernel_jobs"].items()]
    return [*lines, "", "</details>"]


def _small_print(report: dict) -> str:
    tools = report["tools"]
    return (
        f".mpy and machine code: mpy-cross {tools['mpy_cross']}, {tools['arch']}, -O{tools['opt']}. "
        f"Heap and RAM: 32-bit MicroPython {tools['vm']} running the same files built for x86, "
        "`board/sim` in place of a board. A module's RAM is the heap that its import added, plus its machine "
        "code; what is read only at start is forgotten then, and shows what stays of it. `names` is the VM's "
        "one table of all identifiers, which grows by doubling; its first column counts them. Instructions: "
        "the same machine code run on a model of the CPU, in the 20 ms where the kernel costs most; an ESP32 "
        "of 240 MHz does 4.8 million in that time, at best."
    )


def put_into(readme: Path, text: str) -> bool:
    """Replace what stands between the markers of `readme`. False if it has no markers."""
    old = readme.read_text(encoding="utf-8") if readme.exists() else ""
    found = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), old, re.DOTALL)
    if not found:
        return False
    readme.write_text(old[: found.start()] + text + old[found.end() :], encoding="utf-8")
    return True


def taken_from(readme: Path) -> "str | None":
    """Return the text between the markers of `readme`, markers included, or None."""
    old = readme.read_text(encoding="utf-8") if readme.exists() else ""
    found = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), old, re.DOTALL)
    return found.group(0) if found else None


def numbers(text: str) -> "list[int]":
    """Return every whole number of a table, in order."""
    return [int(word.replace(",", "")) for word in re.findall(r"(?<= )-?\d[\d,]*(?= \|)", text)]


def shape(text: str) -> str:
    """Return the table with its whole numbers blanked."""
    return re.sub(r"(?<= )-?\d[\d,]*(?= \|)", "0", text)
