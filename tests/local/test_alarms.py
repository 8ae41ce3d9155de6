"""Alarms are evaluated as CloudWatch does, and reported in its format."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devkit.processes import ChildProcesses
from local.alarms import Evaluator, Rule, evaluate
from local.aws import Aws
from local.cloud import EMULATOR_PYTHON
from local.emulator import Emulator
from local.metrics import api_data, api_errors, queue_figures

TWO_OF_THREE = Rule("GreaterThanOrEqualToThreshold", 1.0, periods=3, to_alarm=2, missing="missing")


@pytest.mark.parametrize(
    ("points", "missing", "state"),
    [
        ([1, 1, 0], "missing", "ALARM"),
        ([1, 0, 0], "missing", "OK"),
        ([0, 0, 0], "breaching", "OK"),
        ([1, None, None], "missing", "ALARM"),
        ([1, None, None], "notBreaching", "OK"),
        ([0, None, None], "breaching", "ALARM"),
        ([0, None, None], "missing", "OK"),
        ([None, None, None], "missing", "INSUFFICIENT_DATA"),
        ([None, None, None], "breaching", "ALARM"),
        ([None, None, None], "notBreaching", "OK"),
        ([None, None, None], "ignore", "kept"),
        ([1, None, 0], "ignore", "kept"),
        ([None, 1, 1, 0], "notBreaching", "ALARM"),
        ([None, None, 0, 0, 0], "breaching", "OK"),
        ([1, 1, None], "ignore", "ALARM"),
        ([0, 0, None], "ignore", "OK"),
    ],
)
def test_points_and_their_absence_mean_a_state(points: list[float | None], missing: str, state: str):
    assert evaluate(replace(TWO_OF_THREE, missing=missing), points, "kept").state == state


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_each_comparison_means_what_it_says(comparison: str, below: str, at: str, above: str):
    one = replace(TWO_OF_THREE, comparison=comparison, periods=1, to_alarm=1)
    assert [evaluate(one, [point], "OK").state for point in (0.0, 1.0, 2.0)] == [below, at, above]


def test_older_points_than_the_rule_looks_at_do_not_count():
    assert evaluate(replace(TWO_OF_THREE, periods=1, to_alarm=1), [0.0, 5.0, 5.0], "OK").state == "OK"


def test_a_queue_has_metrics_of_waiting_and_in_flight_messages_and_their_age():
    now = datetime.now(UTC)
    waiting = {"IsVisible": True, "ReceiveCount": 0, "SentTimestamp": now.timestamp() - 90}
    delayed = waiting | {"IsVisible": False, "SentTimestamp": now.timestamp() - 5}
    taken = delayed | {"ReceiveCount": 1}
    figures = queue_figures({"http://here/1/awards": [waiting, delayed, taken], "http://here/1/empty": []}, now)
    assert {name: figures["awards", name] for _, name in figures} == {
        "ApproximateNumberOfMessagesVisible": 1,
        "ApproximateNumberOfMessagesDelayed": 1,
        "ApproximateNumberOfMessagesNotVisible": 1,
        "ApproximateAgeOfOldestMessage": pytest.approx(90, abs=1),
    }
    assert {figures["empty", name] for _, name in figures} == {0}


def test_an_api_has_metrics_of_its_requests_and_errors():
    now = datetime.now(UTC)
    answers = [{"api": "game", "stage": "live", "status": status} for status in (200, 200, 401, 502)]
    data = api_data([*answers, {"api": "other", "stage": "live", "status": 200}], now)
    counted = {
        (datum.get("Dimensions", [])[0].get("Value"), datum["MetricName"]): dict(
            zip(datum.get("Values", []), datum.get("Counts", []), strict=True)
        )
        for datum in data
    }
    assert counted == {
        ("game", "Count"): {1: 4},
        ("game", "4XXError"): {0: 3, 1: 1},
        ("game", "5XXError"): {0: 3, 1: 1},
        ("other", "Count"): {1: 1},
        ("other", "4XXError"): {0: 1},
        ("other", "5XXError"): {0: 1},
    }


# --- with the emulator ---


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("emulator")
    children = ChildProcesses(folder / "processes.json")
    emulator = Emulator(folder, EMULATOR_PYTHON, children)
    emulator.choose_address()
    emulator.start("http://127.0.0.1:1", ())
    yield emulator
    emulator.stop()
    children.close()


@pytest.fixture(scope="module")
def aws(emulator: Emulator) -> Iterator[Aws]:
    aws = Aws(emulator.url)
    yield aws
    aws.close()


class Watch:
    """An alarm over a topic that a queue listens to, and the evaluator that looks at it."""

    def __init__(self, aws: Aws, emulator: Emulator) -> None:
        self._aws = aws
        self.evaluator = Evaluator(lambda: aws, emulator, lambda error: pytest.fail(str(error)))
        # As if it had always listened: silence counts.
        self.evaluator.since = datetime.min.replace(tzinfo=UTC)
        self.queue = aws.sqs.create_queue(QueueName=f"received-{time.monotonic_ns()}")["QueueUrl"]
        arn = aws.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.topic = aws.sns.create_topic(Name=f"alarms-{time.monotonic_ns()}")["TopicArn"]
        aws.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def alarm(self, name: str, **settings: object) -> None:
        usual: dict[str, Any] = {
            "AlarmName": name,
            "Namespace": "Toy",
            "MetricName": name,
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 1,
            "AlarmActions": [self.topic],
            "OKActions": [self.topic],
        }
        usual.update(settings)
        self._aws.cloudwatch.put_metric_alarm(**usual)

    def put(self, name: str, value: float, at: datetime, **dimensions: str) -> None:
        named = [{"Name": key, "Value": one} for key, one in dimensions.items()]
        data: Any = [{"MetricName": name, "Value": value, "Timestamp": at, "Dimensions": named}]
        self._aws.cloudwatch.put_metric_data(Namespace="Toy", MetricData=data)

    def look(self, now: datetime) -> list[dict[str, Any]]:
        """What was published by one look at everything."""
        self.evaluator.look(now)
        received: list[dict[str, Any]] = []
        while found := self._aws.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in found:
                received.append(json.loads(json.loads(message.get("Body", ""))["Message"]))
                self._aws.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message.get("ReceiptHandle", ""))
        return received

    def state(self, name: str) -> str | None:
        found = self._aws.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return found[0].get("StateValue")

    def forget(self) -> None:
        names = [alarm.get("AlarmName", "") for alarm in self._aws.cloudwatch.describe_alarms()["MetricAlarms"]]
        self._aws.cloudwatch.delete_alarms(AlarmNames=names)


@pytest.fixture
def watch(aws: Aws, emulator: Emulator) -> Iterator[Watch]:
    watch = Watch(aws, emulator)
    yield watch
    watch.forget()


def test_an_alarm_fires_once_and_recovers_once(watch: Watch):
    now = datetime.now(UTC)
    watch.alarm("Fires", TreatMissingData="notBreaching")
    watch.put("Fires", 3, now - timedelta(seconds=5))
    [sent] = watch.look(now)
    assert watch.look(now) == []
    assert watch.state("Fires") == "ALARM"
    assert watch.look(now + timedelta(seconds=60)) == [], "CloudWatch looks farther back before it calls data missing"
    [over] = watch.look(now + timedelta(seconds=240))
    assert watch.state("Fires") == "OK"
    assert [(one["OldStateValue"], one["NewStateValue"]) for one in (sent, over)] == [
        ("INSUFFICIENT_DATA", "ALARM"),
        ("ALARM", "OK"),
    ]


def test_a_message_has_cloudwatchs_own_shape(watch: Watch):
    now = datetime(2026, 11, 23, 8, 0, 0, 123000, UTC)
    watch.alarm("Shape", Dimensions=[{"Name": "QueueName", "Value": "awards"}], TreatMissingData="breaching")
    [sent] = watch.look(now)
    assert sent["AlarmName"] == "Shape"
    assert sent["AlarmArn"].endswith(":alarm:Shape")
    assert sent["StateChangeTime"] == "2026-11-23T08:00:00.123+0000"
    assert sent["AlarmActions"] == [watch.topic]
    assert sent["Trigger"]["Dimensions"] == [{"name": "QueueName", "value": "awards"}]
    assert (sent["Trigger"]["Statistic"], sent["Trigger"]["StatisticType"]) == ("MAXIMUM", "Statistic")
    assert "missing data counts as breaching" in sent["NewStateReason"]


def test_only_the_alarms_own_dimensions_count(watch: Watch):
    now = datetime.now(UTC)
    watch.alarm("Mine", Dimensions=[{"Name": "QueueName", "Value": "mine"}], TreatMissingData="notBreaching")
    watch.put("Mine", 9, now - timedelta(seconds=5), QueueName="another")
    watch.look(now)
    assert watch.state("Mine") == "OK"
    watch.put("Mine", 9, now - timedelta(seconds=5), QueueName="mine")
    watch.look(now)
    assert watch.state("Mine") == "ALARM"


def test_the_emulator_leaves_the_judging_to_us(watch: Watch):
    watch.put("Left", 9, datetime.now(UTC))
    watch.alarm("Left", TreatMissingData="notBreaching")
    watch.put("Left", 9, datetime.now(UTC))
    assert watch.state("Left") == "INSUFFICIENT_DATA"


def test_a_message_in_a_queue_fires_its_alarm(watch: Watch, aws: Aws):
    name = f"dlq-{time.monotonic_ns()}"
    url = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
    watch.alarm(
        "Dlq",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        TreatMissingData="notBreaching",
    )
    watch.look(datetime.now(UTC))
    assert watch.state("Dlq") == "OK"
    aws.sqs.send_message(QueueUrl=url, MessageBody="could not be done")
    watch.look(datetime.now(UTC))
    watch.look(datetime.now(UTC) + timedelta(seconds=1))
    assert watch.state("Dlq") == "ALARM"


def test_silence_counts_only_once_we_have_listened_long_enough(watch: Watch):
    watch.alarm("Silence", TreatMissingData="breaching", EvaluationPeriods=5)
    watch.evaluator.since = datetime.now(UTC)
    assert watch.look(datetime.now(UTC)) == []
    assert watch.state("Silence") == "INSUFFICIENT_DATA"
    assert watch.look(datetime.now(UTC) + timedelta(seconds=301)) == []
    assert [sent["NewStateValue"] for sent in watch.look(datetime.now(UTC) + timedelta(seconds=421))] == ["ALARM"]


def test_a_figure_that_comes_a_little_late_is_not_missing(watch: Watch):
    """What comes every period stands, once in a while, in none of the newest."""
    now = datetime.now(UTC)
    watch.alarm("Late", TreatMissingData="breaching", Threshold=1, ComparisonOperator="LessThanThreshold")
    watch.put("Late", 1, now - timedelta(seconds=65))
    watch.look(now)
    assert watch.state("Late") == "OK"


def test_the_worst_of_a_period_counts_for_a_minimum(watch: Watch):
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    watch.alarm("Worst", TreatMissingData="breaching", ComparisonOperator="LessThanThreshold", Statistic="Minimum")
    for seconds, value in ((5, 0), (50, 1), (65, 1)):
        watch.put("Worst", value, minute + timedelta(seconds=seconds))
    for seconds, state in ((55, "ALARM"), (62, "ALARM"), (70, "OK"), (130, "OK")):
        watch.look(minute + timedelta(seconds=seconds))
        assert watch.state("Worst") == state


def test_a_percentile_is_a_percentile(watch: Watch):
    now = datetime.now(UTC)
    watch.alarm("Percentile", TreatMissingData="notBreaching", Threshold=2000, ExtendedStatistic="p99")
    for value in (*[10.0] * 9, 9000.0):
        watch.put("Percentile", value, now - timedelta(seconds=5))
    watch.look(now)
    assert watch.state("Percentile") == "ALARM"


def test_what_comes_every_five_minutes_may_come_a_moment_late(watch: Watch):
    now = datetime.now(UTC)
    watch.alarm("Slow", TreatMissingData="breaching", Period=300)
    watch.put("Slow", 0, now)
    watch.look(now + timedelta(seconds=1))
    assert watch.look(now + timedelta(seconds=310)) == []
    assert watch.state("Slow") == "OK"
    assert [sent["NewStateValue"] for sent in watch.look(now + timedelta(seconds=1000))] == ["ALARM"]


def test_the_503_of_our_own_health_page_is_no_error_of_the_api():
    answers = [
        {"api": "game", "path": path, "status": status}
        for path, status in (
            ("/health", 503),
            ("/interactions/main", 502),
            ("/interactions/tensey", 401),
            ("/health", 200),
        )
    ]
    assert api_errors(answers) == {"game": 1}
    assert api_errors(answers[:1]) == {}


def test_an_api_that_refuses_again_and_again_fires_its_alarm(watch: Watch, emulator: Emulator):
    api = json.loads(emulator.ask("POST", "/restapis", body=b'{"name": "flooded"}').body)["id"]
    emulator.ask("POST", f"/restapis/{api}/deployments", body=b'{"stageName": "live"}')
    watch.alarm(
        "Refusals",
        Namespace="AWS/ApiGateway",
        MetricName="4XXError",
        Dimensions=[{"Name": "ApiName", "Value": "flooded"}, {"Name": "Stage", "Value": "live"}],
        Statistic="Sum",
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    minute = datetime.now(UTC).replace(second=0, microsecond=0)  # one period, whatever the clock says
    for second, most, state in ((10, 10, "OK"), (20, 1, "ALARM")):
        for _ in range(most):
            assert emulator.ask("GET", f"/restapis/{api}/live/_user_request_/none").status == 403
        watch.look(minute + timedelta(seconds=second))
        watch.look(minute + timedelta(seconds=second + 1))
        assert watch.state("Refusals") == state


def test_an_api_that_answers_5xx_fires_its_alarm(watch: Watch, emulator: Emulator):
    found = json.loads(emulator.ask("POST", "/restapis", body=b'{"name": "game"}').body)
    api, root = found["id"], found["rootResourceId"]
    for path, body in (
        (f"resources/{root}/methods/GET", {"authorizationType": "NONE"}),
        (f"resources/{root}/methods/GET/integration", {"type": "AWS_PROXY", "uri": "arn:of:nothing"}),
    ):
        emulator.ask("PUT", f"/restapis/{api}/{path}", body=json.dumps(body).encode())
    emulator.ask("POST", f"/restapis/{api}/deployments", body=b'{"stageName": "live"}')
    watch.alarm(
        "Api",
        Namespace="game",
        MetricName="ApiErrors",
        Dimensions=[{"Name": "service", "Value": "api"}],
        Statistic="Sum",
        TreatMissingData="notBreaching",
    )
    watch.look(datetime.now(UTC))
    assert watch.state("Api") == "OK"
    assert emulator.ask("GET", f"/restapis/{api}/live/_user_request_/").status >= 500
    watch.look(datetime.now(UTC))
    watch.look(datetime.now(UTC) + timedelta(seconds=1))
    assert watch.state("Api") == "ALARM"
