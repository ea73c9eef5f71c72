SELECT
  "t6"."key",
  "t6"."month",
  "t6"."model",
  "t6"."priced",
  "t6"."context_bucket",
  COUNT(*) AS "requests",
  SUM("t6"."input_tok") AS "input_tok",
  SUM("t6"."cache_write_5m_tok") AS "cache_write_5m_tok",
  SUM("t6"."cache_write_1h_tok") AS "cache_write_1h_tok",
  SUM("t6"."cache_write_unknown_tok") AS "cache_write_unknown_tok",
  SUM("t6"."cache_read_tok") AS "cache_read_tok",
  SUM("t6"."output_tok") AS "output_tok",
  SUM("t6"."reasoning_tok") AS "reasoning_tok",
  SUM("t6"."web_searches") AS "web_searches",
  SUM("t6"."partial_output") AS "partial_output",
  SUM("t6"."input_pico_usd") AS "input_pico_usd",
  SUM("t6"."cache_write_5m_pico_usd") AS "cache_write_5m_pico_usd",
  SUM("t6"."cache_write_1h_pico_usd") AS "cache_write_1h_pico_usd",
  SUM("t6"."cache_write_unknown_pico_usd") AS "cache_write_unknown_pico_usd",
  SUM("t6"."cache_read_pico_usd") AS "cache_read_pico_usd",
  SUM("t6"."output_pico_usd") AS "output_pico_usd",
  SUM("t6"."cache_write_unknown_max_pico_usd") AS "cache_write_unknown_max_pico_usd",
  SUM("t6"."tools_pico_usd") AS "tools_pico_usd",
  SUM("t6"."output_ctx_tok2") AS "output_ctx_tok2",
  SUM("t6"."new_ctx_tok2") AS "new_ctx_tok2",
  SUM("t6"."kv_resident_tok_s") AS "kv_resident_tok_s",
  MIN("t6"."time_ms") AS "first_time_ms",
  MAX("t6"."time_ms") AS "last_time_ms"
FROM (
  SELECT
    "t3"."key",
    "t3"."month",
    "t5"."model",
    "t5"."priced",
    "t3"."context_bucket",
    "t3"."input_tok",
    "t3"."cache_write_5m_tok",
    "t3"."cache_write_1h_tok",
    "t3"."cache_write_unknown_tok",
    "t3"."cache_read_tok",
    "t3"."output_tok",
    "t3"."reasoning_tok",
    "t3"."web_searches",
    "t3"."partial_output",
    "t3"."output_ctx_tok2",
    "t3"."new_ctx_tok2",
    "t3"."kv_resident_tok_s",
    "t3"."time_ms",
    "t3"."input_tok" * CASE
      WHEN "t3"."prompt_tok" > "t5"."long_above_tok"
      THEN "t5"."long_input_pico_usd_per_tok"
      ELSE "t5"."input_pico_usd_per_tok"
    END AS "input_pico_usd",
    "t3"."cache_write_5m_tok" * CASE
      WHEN "t3"."prompt_tok" > "t5"."long_above_tok"
      THEN "t5"."long_cache_write_5m_pico_usd_per_tok"
      ELSE "t5"."cache_write_5m_pico_usd_per_tok"
    END AS "cache_write_5m_pico_usd",
    "t3"."cache_write_1h_tok" * CASE
      WHEN "t3"."prompt_tok" > "t5"."long_above_tok"
      THEN "t5"."long_cache_write_1h_pico_usd_per_tok"
      ELSE "t5"."cache_write_1h_pico_usd_per_tok"
    END AS "cache_write_1h_pico_usd",
    "t3"."cache_write_unknown_tok" * CASE
      WHEN "t3"."prompt_tok" > "t5"."long_above_tok"
      THEN "t5"."long_cache_write_unknown_pico_usd_per_tok"
      ELSE "t5"."cache_write_unknown_pico_usd_per_tok"
    END AS "cache_write_unknown_pico_usd",
    "t3"."cache_read_tok" * CASE
      WHEN "t3"."prompt_tok" > "t5"."long_above_tok"
      THEN "t5"."long_cache_read_pico_usd_per_tok"
      ELSE "t5"."cache_read_pico_usd_per_tok"
    END AS "cache_read_pico_usd",
    "t3"."output_tok" * CASE
      WHEN "t3"."prompt_tok" > "t5"."long_above_tok"
      THEN "t5"."long_output_pico_usd_per_tok"
      ELSE "t5"."output_pico_usd_per_tok"
    END AS "output_pico_usd",
    "t3"."cache_write_unknown_tok" * CASE
      WHEN "t3"."prompt_tok" > "t5"."long_above_tok"
      THEN "t5"."long_cache_write_unknown_max_pico_usd_per_tok"
      ELSE "t5"."cache_write_unknown_max_pico_usd_per_tok"
    END AS "cache_write_unknown_max_pico_usd",
    "t3"."web_searches" * "t5"."web_search_pico_usd" AS "tools_pico_usd"
  FROM "usage_keyed" AS "t3"
  INNER JOIN "epoch_of" AS "t4"
    ON "t3"."log_model" = "t4"."log_model"
    AND "t3"."mode" = "t4"."mode"
    AND "t3"."geo" = "t4"."geo"
    AND "t3"."hour" = "t4"."hour"
  INNER JOIN "price" AS "t5"
    ON "t4"."price_epoch" = "t5"."price_epoch"
) AS "t6"
GROUP BY
  1,
  2,
  3,
  4,
  5
