"""Load generators end with 0 whatever they were answered; their words decide."""

from core.actions.judging import judge
from tests.fakes.acting_commands import ran

AB = """This is ApacheBench, Version 2.3 <$Revision: 1903618 $>
Concurrency Level:      10
Time taken for tests:   0.512 seconds
Complete requests:      1000
Failed requests:        0
{non}Total transferred:      160000 bytes
Requests per second:    1953.12 [#/sec] (mean)
Time per request:       5.120 [ms] (mean)
Time per request:       0.512 [ms] (mean, across all concurrent requests)

Percentage of the requests served within a certain time (ms)
  50%      4
  95%      9
  99%     14
 100%     21 (longest request)
"""
WRK = """Running 30s test @ http://localhost:8000/health
  12 threads and 400 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    50.66ms   20.11ms 312.40ms   71.20%
    Req/Sec   650.21    110.30     1.10k    70.00%
  234567 requests in 30.10s, 41.25MB read
{wrong}Requests/sec:   7792.92
Transfer/sec:      1.37MB
"""
K6_OLD = """     checks.....................: 98.00% ✓ 980   ✗ 20
     http_req_duration..........: avg=5.1ms min=1ms med=4ms max=90ms p(90)=9ms p(95)=12.5ms
     http_req_failed............: {failed}
     http_reqs..................: 1000   33.3/s
"""
K6_NEW = """    HTTP
    http_req_duration.......: avg=5.1ms min=1ms med=4ms max=90ms p(90)=9ms p(95)=12.5ms
    http_req_failed.........: {failed}
    http_reqs...............: 93161  1552.6/s
"""
HEY = """Summary:
  Total:        1.2034 secs
  Requests/sec: 831.0123

Latency distribution:
  50% in 0.0104 secs
  95% in 0.0251 secs

Status code distribution:
  [200] 990 responses
{wrong}"""


def read(tool: str, output: str, exit_code: int = 0, errors: str = "") -> tuple[bool | None, str]:
    judged = judge(None, ran(exit_code, output, errors), (tool, "x"))
    return judged.is_good, judged.text


def test_ab_is_good_when_everything_was_answered() -> None:
    judged = judge(None, ran(0, AB.format(non="")), ("ab", "-n", "1000"))
    assert judged.is_good
    assert judged.text == "1000 requests, 1953.12/s, p95 9 ms"
    assert dict(judged.facts)["mean_ms"] == 5.12
    assert dict(judged.facts)["p99_ms"] == 14


def test_ab_with_answers_that_are_no_2xx_is_bad_although_it_exits_with_0() -> None:
    is_good, text = read("ab", AB.format(non="Non-2xx responses:      990\n"))
    assert is_good is False
    assert text.endswith("; 990 not answered by 2xx")


def test_ab_says_that_nothing_listens() -> None:
    is_good, text = read("ab", "", 111, "apr_socket_recv: Connection refused (111)")
    assert (is_good, text.split(":")[0]) == (False, "nothing listens there (exit 111)")


def test_ab_says_that_it_was_called_wrongly() -> None:
    errors = "ab: Cannot use concurrency level greater than total number of requests"
    assert read("ab", "", 22, errors)[1].startswith("the concurrency is larger")


def test_wrk_is_good_when_everything_was_answered() -> None:
    assert read("wrk", WRK.format(wrong="")) == (True, "234567 requests, 7792.92/s")


def test_wrk_tells_socket_errors_and_wrong_answers() -> None:
    wrong = "  Socket errors: connect 0, read 12, write 0, timeout 30\n"
    wrong += "  Non-2xx or 3xx responses: 99\n"
    is_good, text = read("wrk", WRK.format(wrong=wrong))
    assert is_good is False
    assert "99 answered by neither" in text
    assert "42 socket errors" in text


def test_the_tick_column_of_k6s_old_summary_counts_failures() -> None:
    good = read("k6", K6_OLD.replace("98.00% ✓ 980   ✗ 20", "100.00% ✓ 1000 ✗ 0").format(
        failed="0.00%  ✓ 0    ✗ 1000"))  # fmt: skip
    assert good == (True, "1000 requests, 33.3/s, p95 12.5 ms")
    bad = read("k6", K6_OLD.format(failed="5.00%  ✓ 50   ✗ 950"))
    assert bad[0] is False
    assert "50 of 1000 failed" in bad[1]
    assert "20 checks of 1000 failed" in bad[1]


def test_k6s_new_summary_is_read_too() -> None:
    assert read("k6", K6_NEW.format(failed="0.00%  0 out of 93161"))[0] is True
    is_good, text = read("k6", K6_NEW.format(failed="1.83%  1707 out of 93161"))
    assert (is_good, "1707 of 93161 failed" in text) == (False, True)


def test_a_crossed_threshold_of_k6_is_named() -> None:
    said = "level=error msg=\"thresholds on metrics 'http_req_duration' have been crossed\""
    assert read("k6", "", 99, said) == (False, "thresholds crossed: http_req_duration")


def test_hey_counts_answers_by_status() -> None:
    assert read("hey", HEY.format(wrong="")) == (True, "990 answers, 831.012/s")
    wrong = "  [503] 10 responses\n\nError distribution:\n  [7] Get http://x: dial tcp: refused\n"
    is_good, text = read("hey", HEY.format(wrong=wrong))
    assert is_good is False
    assert "10 answered 503" in text
    assert "7 got no answer" in text


def test_what_no_generator_prints_is_not_understood() -> None:
    for tool in ("ab", "wrk", "k6", "hey"):
        is_good, text = read(tool, "hello")
        assert is_good is None
        assert "not understood" in text
