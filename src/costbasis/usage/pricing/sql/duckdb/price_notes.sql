SELECT
  "t5"."log_model",
  "t5"."mode",
  "t5"."geo",
  "t5"."price_epoch",
  SUM("t5"."requests") AS "requests",
  SUM("t5"."input_tok") AS "input_tok",
  SUM("t5"."cache_write_5m_tok") AS "cache_write_5m_tok",
  SUM("t5"."cache_write_1h_tok") AS "cache_write_1h_tok",
  SUM("t5"."cache_write_unknown_tok") AS "cache_write_unknown_tok",
  SUM("t5"."cache_read_tok") AS "cache_read_tok",
  SUM("t5"."output_tok") AS "output_tok",
  SUM("t5"."reasoning_tok") AS "reasoning_tok",
  SUM("t5"."web_searches") AS "web_searches",
  SUM("t5"."partial_output") AS "partial_output",
  MIN("t5"."time_ms") AS "first_time_ms"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t2"."key",
      "t2"."month",
      "t2"."log_model",
      "t2"."mode",
      "t2"."geo",
      "t2"."hour",
      "t2"."time_ms",
      "t2"."last_time_ms",
      "t2"."context_bucket",
      "t2"."prompt_tok",
      "t2"."input_tok",
      "t2"."cache_write_5m_tok",
      "t2"."cache_write_1h_tok",
      "t2"."cache_write_unknown_tok",
      "t2"."cache_read_tok",
      "t2"."output_tok",
      "t2"."reasoning_tok",
      "t2"."web_searches",
      "t2"."partial_output",
      "t2"."requests",
      "t2"."output_ctx_tok2",
      "t2"."new_ctx_tok2",
      "t2"."kv_resident_tok_s",
      "t3"."price_epoch",
      "t3"."noted"
    FROM "usage_keyed" AS "t2"
    INNER JOIN "epoch_of" AS "t3"
      ON "t2"."log_model" = "t3"."log_model"
      AND "t2"."mode" = "t3"."mode"
      AND "t2"."geo" = "t3"."geo"
      AND "t2"."hour" = "t3"."hour"
  ) AS "t4"
  WHERE
    "t4"."noted" <> 0
) AS "t5"
GROUP BY
  1,
  2,
  3,
  4
