"""Prints `passed failed` over the xUnit files that `swift test --xunit-output` left in a folder."""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

passed = failed = 0
for path in pathlib.Path(sys.argv[1]).glob("*.xml"):
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is None:
            passed += 1
print(passed, failed)
