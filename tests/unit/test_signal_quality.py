"""The measuring of signal quality: right by hand on small cases, and the contract's figures from the command."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from benchmarks import correspondence
from benchmarks.measures import Case, auc, brier_skill, calibration_error, measured, quantile, share
from benchmarks.signal_quality import Silence, Week, delay, play

KEYS = (
    "auc_silence_60", "auc_drop", "brier_skill", "calibration_error", "flagged_30d", "mean_delay_days",
)  # fmt: skip
PLAIN_KEYS = ("stream_batch_diff", "events_per_second", "rows", "egos")


def _each(_ego: int) -> int:
    return 1


def _cases(*told: tuple[float, bool]) -> list[Case]:
    return sorted((Case(number, score, came) for number, (score, came) in enumerate(told)), key=lambda one: one.score)


def _week(day: float, score: float) -> Week:
    return Week(day, score, 0.0, 0.0)


def _corpus(path: Path) -> Path:
    """Write some pairs with a rhythm, a third of which falls silent half-way."""
    random, rows = Random(3), []
    for contact in range(1, 49):
        ego = 100 + contact % 2
        ends = 200.0 if contact % 3 == 0 else 400.0
        day = random.uniform(0, 5)
        while day < ends:
            rows += [(day, contact, ego, 1), (day + 0.2, ego, contact, 1)]
            day += random.expovariate(1 / 6)
    rows += [(day + 0.4, 100, 99, 30) for day in range(400)]
    lines = [f"{day:.5f},{sender},{to},{many}" for day, sender, to, many in sorted(rows)]
    with gzip.open(path, "wt") as text:
        text.write("\n".join(["day,sender,recipient,recipients", *lines]) + "\n")
    return path


def test_the_area_under_the_curve_counts_pairs_and_ties_count_half() -> None:
    assert auc(_cases((0.9, True), (0.1, False)), _each) == 1.0
    assert auc(_cases((0.1, True), (0.9, False)), _each) == 0.0
    assert auc(_cases((0.5, True), (0.5, False)), _each) == 0.5
    assert auc(_cases((0.9, True), (0.4, True), (0.6, False), (0.1, False)), _each) == 0.75
    assert auc(_cases((0.9, True)), _each) is None


def test_a_weight_counts_an_ego_as_often_as_it_was_drawn() -> None:
    cases = [Case(1, 0.2, came=True), Case(2, 0.5, came=False), Case(3, 0.8, came=True)]
    assert auc(cases, _each) == 0.5
    assert auc(cases, lambda ego: 3 if ego == 3 else 1) == 0.75
    assert auc(cases, lambda ego: 0 if ego == 1 else 1) == 1.0


def test_naming_the_base_rate_has_no_skill_and_knowing_has_all() -> None:
    assert brier_skill(_cases((0.5, True), (0.5, False)), _each) == pytest.approx(0.0)
    assert brier_skill(_cases((1.0, True), (0.0, False)), _each) == pytest.approx(1.0)
    assert brier_skill(_cases((0.0, True), (1.0, False)), _each) == pytest.approx(-3.0)


def test_calibration_compares_what_was_said_with_what_came() -> None:
    assert calibration_error(_cases((0.25, True), (0.25, False), (0.25, False), (0.25, False)), _each) == 0.0
    assert calibration_error(_cases((0.95, False), (0.95, False)), _each) == pytest.approx(0.95)


def test_an_interval_holds_its_figure_and_is_the_same_each_time() -> None:
    random = Random(1)
    cases = [Case(number % 20, 0.0, random.random() < 0.3) for number in range(400)]
    figure = measured(cases, share)
    assert figure == measured(cases, share)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.value is not None
    assert figure.low < figure.value < figure.high


def test_a_threshold_leaves_its_share_above() -> None:
    assert quantile([float(number) for number in range(100)], 0.95) == 95.0


def test_a_flag_counts_from_the_week_after_which_it_never_goes_down() -> None:
    weeks = [_week(7, 0.9), _week(14, 0.1), _week(21, 0.6), _week(28, 0.7), _week(200, 0.0)]
    assert delay(Silence((1, 2), 10.0), weeks, lambda week: week.silence, 0.5) == 11.0
    assert delay(Silence((1, 2), 25.0), weeks, lambda week: week.silence, 0.5) == -4.0
    assert delay(Silence((1, 2), 10.0), weeks, lambda week: week.silence, 0.95) is None


def test_the_state_kept_by_streaming_is_the_one_worked_out_anew(tmp_path: Path) -> None:
    corpus = correspondence.read(_corpus(tmp_path / "small.csv.gz"))
    judged = play(corpus, 60.0)
    assert judged.silence
    assert judged.difference < 1e-9
    assert judged.events == sum(letter.day <= 60 + (corpus.span - 60) // 7 * 7 for letter in corpus.letters)


def test_messages_to_a_crowd_are_left_out_but_show_that_the_ego_is_there(tmp_path: Path) -> None:
    corpus = correspondence.read(_corpus(tmp_path / "small.csv.gz"))
    assert (100, 99) not in corpus.pairs
    assert corpus.seen[99] > 390


def test_the_command_gives_the_figures_of_the_contract(tmp_path: Path) -> None:
    file = _corpus(tmp_path / "small.csv.gz")
    command = [sys.executable, "-m", "benchmarks.signal_quality", str(file), "--warm-up", "60", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    found = json.loads(done.stdout)
    for key in KEYS:
        assert found[f"{key}_low"] <= found[key] <= found[f"{key}_high"]
    assert all(key in found for key in PLAIN_KEYS)
    assert found["auc_silence_60"] > 0.5


def test_what_is_no_corpus_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "other.csv.gz"
    file.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    command = [sys.executable, "-m", "benchmarks.signal_quality", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 2
    assert "other.csv.gz" in done.stderr
