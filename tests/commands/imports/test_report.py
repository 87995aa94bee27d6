"""What an import's report says."""

import msgspec

from commands.imports.report import Disagreement, Report, Reported

REPORT = Report(
    system="volvo",
    file="log.csv.gz",
    customer="Volvo IT",
    dry_run=False,
    rows=10,
    cases=2,
    imported=7,
    appended=6,
    events=14,
    reported=[
        Reported(3, "1-1", "StateUnknown", "`-100` is no state that we know of."),
        Reported(4, "1-1", "TimeRunsBackwards", "It happened before."),
        Reported(9, "1-2", "TimeRunsBackwards", "It happened before."),
    ],
    disagreements=[Disagreement(5, "1-1", "reopen_count is 2 in the source and 1 here")],
    seconds=1.25,
)


def test_the_text_counts_each_reason_and_lists_its_rows() -> None:
    assert REPORT.to_text().splitlines() == [
        "volvo: log.csv.gz for Volvo IT",
        "10 rows of 2 cases",
        "7 rows imported, 6 of them now",
        "3 rows reported",
        "14 events in 1.2 s",
        "TimeRunsBackwards: 2",
        "  row 4, case 1-1: It happened before.",
        "  row 9, case 1-2: It happened before.",
        "StateUnknown: 1",
        "  row 3, case 1-1: `-100` is no state that we know of.",
        "Imported, although the totals differ: 1",
        "  row 5, case 1-1: reopen_count is 2 in the source and 1 here",
    ]


def test_a_dry_run_says_so() -> None:
    report = msgspec.structs.replace(REPORT, dry_run=True)

    assert "7 rows would be imported (dry run), 6 of them now" in report.to_text()


def test_the_json_says_the_same() -> None:
    answer = msgspec.json.decode(REPORT.to_json())

    assert answer["reasons"] == {"TimeRunsBackwards": 2, "StateUnknown": 1}
    assert answer["reported"][0] == {
        "row": 3,
        "case": "1-1",
        "reason": "StateUnknown",
        "sentence": "`-100` is no state that we know of.",
    }
