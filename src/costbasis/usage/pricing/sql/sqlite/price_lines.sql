SELECT
  "t12"."key",
  "t12"."month",
  "t12"."context_bucket",
  "t12"."price_epoch",
  CAST("t12"."is_long" AS INTEGER) AS "is_long",
  "t12"."requests",
  "t12"."input_tok",
  "t12"."cache_write_5m_tok",
  "t12"."cache_write_1h_tok",
  "t12"."cache_write_unknown_tok",
  "t12"."cache_read_tok",
  "t12"."output_tok",
  "t12"."reasoning_tok",
  "t12"."web_searches",
  "t12"."partial_output",
  "t12"."output_ctx_tok2",
  "t12"."new_ctx_tok2",
  "t12"."kv_resident_tok_s",
  "t12"."first_time_ms",
  "t12"."last_time_ms",
  "t12"."model",
  "t12"."priced",
  "t12"."long_above_tok",
  "t12"."web_search_pico_usd",
  "t12"."input_pico_usd_per_tok",
  "t12"."cache_write_5m_pico_usd_per_tok",
  "t12"."cache_write_1h_pico_usd_per_tok",
  "t12"."cache_write_unknown_pico_usd_per_tok",
  "t12"."cache_read_pico_usd_per_tok",
  "t12"."output_pico_usd_per_tok",
  "t12"."cache_write_unknown_max_pico_usd_per_tok",
  "t12"."long_input_pico_usd_per_tok",
  "t12"."long_cache_write_5m_pico_usd_per_tok",
  "t12"."long_cache_write_1h_pico_usd_per_tok",
  "t12"."long_cache_write_unknown_pico_usd_per_tok",
  "t12"."long_cache_read_pico_usd_per_tok",
  "t12"."long_output_pico_usd_per_tok",
  "t12"."long_cache_write_unknown_max_pico_usd_per_tok",
  "t12"."input_tok" * CASE
    WHEN "t12"."is_long"
    THEN "t12"."long_input_pico_usd_per_tok"
    ELSE "t12"."input_pico_usd_per_tok"
  END AS "input_pico_usd",
  "t12"."cache_write_5m_tok" * CASE
    WHEN "t12"."is_long"
    THEN "t12"."long_cache_write_5m_pico_usd_per_tok"
    ELSE "t12"."cache_write_5m_pico_usd_per_tok"
  END AS "cache_write_5m_pico_usd",
  "t12"."cache_write_1h_tok" * CASE
    WHEN "t12"."is_long"
    THEN "t12"."long_cache_write_1h_pico_usd_per_tok"
    ELSE "t12"."cache_write_1h_pico_usd_per_tok"
  END AS "cache_write_1h_pico_usd",
  "t12"."cache_write_unknown_tok" * CASE
    WHEN "t12"."is_long"
    THEN "t12"."long_cache_write_unknown_pico_usd_per_tok"
    ELSE "t12"."cache_write_unknown_pico_usd_per_tok"
  END AS "cache_write_unknown_pico_usd",
  "t12"."cache_read_tok" * CASE
    WHEN "t12"."is_long"
    THEN "t12"."long_cache_read_pico_usd_per_tok"
    ELSE "t12"."cache_read_pico_usd_per_tok"
  END AS "cache_read_pico_usd",
  "t12"."output_tok" * CASE
    WHEN "t12"."is_long"
    THEN "t12"."long_output_pico_usd_per_tok"
    ELSE "t12"."output_pico_usd_per_tok"
  END AS "output_pico_usd",
  "t12"."cache_write_unknown_tok" * CASE
    WHEN "t12"."is_long"
    THEN "t12"."long_cache_write_unknown_max_pico_usd_per_tok"
    ELSE "t12"."cache_write_unknown_max_pico_usd_per_tok"
  END AS "cache_write_unknown_max_pico_usd",
  "t12"."web_searches" * "t12"."web_search_pico_usd" AS "tools_pico_usd"
FROM (
  SELECT
    "t11"."key",
    "t11"."month",
    "t11"."context_bucket",
    "t11"."price_epoch",
    "t11"."is_long",
    "t11"."requests",
    "t11"."input_tok",
    "t11"."cache_write_5m_tok",
    "t11"."cache_write_1h_tok",
    "t11"."cache_write_unknown_tok",
    "t11"."cache_read_tok",
    "t11"."output_tok",
    "t11"."reasoning_tok",
    "t11"."web_searches",
    "t11"."partial_output",
    "t11"."output_ctx_tok2",
    "t11"."new_ctx_tok2",
    "t11"."kv_resident_tok_s",
    "t11"."first_time_ms",
    "t11"."last_time_ms",
    "t3"."model",
    "t3"."priced",
    "t3"."long_above_tok",
    "t3"."web_search_pico_usd",
    "t3"."input_pico_usd_per_tok",
    "t3"."cache_write_5m_pico_usd_per_tok",
    "t3"."cache_write_1h_pico_usd_per_tok",
    "t3"."cache_write_unknown_pico_usd_per_tok",
    "t3"."cache_read_pico_usd_per_tok",
    "t3"."output_pico_usd_per_tok",
    "t3"."cache_write_unknown_max_pico_usd_per_tok",
    "t3"."long_input_pico_usd_per_tok",
    "t3"."long_cache_write_5m_pico_usd_per_tok",
    "t3"."long_cache_write_1h_pico_usd_per_tok",
    "t3"."long_cache_write_unknown_pico_usd_per_tok",
    "t3"."long_cache_read_pico_usd_per_tok",
    "t3"."long_output_pico_usd_per_tok",
    "t3"."long_cache_write_unknown_max_pico_usd_per_tok"
  FROM (
    SELECT
      "t9"."key",
      "t9"."month",
      "t9"."context_bucket",
      "t9"."price_epoch",
      "t9"."is_long",
      SUM("t9"."requests") AS "requests",
      SUM("t9"."input_tok") AS "input_tok",
      SUM("t9"."cache_write_5m_tok") AS "cache_write_5m_tok",
      SUM("t9"."cache_write_1h_tok") AS "cache_write_1h_tok",
      SUM("t9"."cache_write_unknown_tok") AS "cache_write_unknown_tok",
      SUM("t9"."cache_read_tok") AS "cache_read_tok",
      SUM("t9"."output_tok") AS "output_tok",
      SUM("t9"."reasoning_tok") AS "reasoning_tok",
      SUM("t9"."web_searches") AS "web_searches",
      SUM("t9"."partial_output") AS "partial_output",
      SUM("t9"."output_ctx_tok2") AS "output_ctx_tok2",
      SUM("t9"."new_ctx_tok2") AS "new_ctx_tok2",
      SUM("t9"."kv_resident_tok_s") AS "kv_resident_tok_s",
      MIN("t9"."time_ms") AS "first_time_ms",
      MAX("t9"."last_time_ms") AS "last_time_ms"
    FROM (
      SELECT
        "t8"."key",
        "t8"."month",
        "t8"."log_model",
        "t8"."mode",
        "t8"."geo",
        "t8"."hour",
        "t8"."time_ms",
        "t8"."last_time_ms",
        "t8"."context_bucket",
        "t8"."prompt_tok",
        "t8"."input_tok",
        "t8"."cache_write_5m_tok",
        "t8"."cache_write_1h_tok",
        "t8"."cache_write_unknown_tok",
        "t8"."cache_read_tok",
        "t8"."output_tok",
        "t8"."reasoning_tok",
        "t8"."web_searches",
        "t8"."partial_output",
        "t8"."requests",
        "t8"."output_ctx_tok2",
        "t8"."new_ctx_tok2",
        "t8"."kv_resident_tok_s",
        "t8"."price_epoch",
        "t8"."noted",
        "t8"."long_above_tok",
        "t8"."prompt_tok" > "t8"."long_above_tok" AS "is_long"
      FROM (
        SELECT
          "t4"."key",
          "t4"."month",
          "t4"."log_model",
          "t4"."mode",
          "t4"."geo",
          "t4"."hour",
          "t4"."time_ms",
          "t4"."last_time_ms",
          "t4"."context_bucket",
          "t4"."prompt_tok",
          "t4"."input_tok",
          "t4"."cache_write_5m_tok",
          "t4"."cache_write_1h_tok",
          "t4"."cache_write_unknown_tok",
          "t4"."cache_read_tok",
          "t4"."output_tok",
          "t4"."reasoning_tok",
          "t4"."web_searches",
          "t4"."partial_output",
          "t4"."requests",
          "t4"."output_ctx_tok2",
          "t4"."new_ctx_tok2",
          "t4"."kv_resident_tok_s",
          "t5"."price_epoch",
          "t5"."noted",
          "t7"."long_above_tok"
        FROM "usage_keyed" AS "t4"
        INNER JOIN "epoch_of" AS "t5"
          ON "t4"."log_model" = "t5"."log_model"
          AND "t4"."mode" = "t5"."mode"
          AND "t4"."geo" = "t5"."geo"
          AND "t4"."hour" = "t5"."hour"
        INNER JOIN (
          SELECT
            "t0"."price_epoch",
            "t0"."long_above_tok"
          FROM "price" AS "t0"
        ) AS "t7"
          ON "t5"."price_epoch" = "t7"."price_epoch"
      ) AS "t8"
    ) AS "t9"
    GROUP BY
      1,
      2,
      3,
      4,
      5
  ) AS "t11"
  INNER JOIN "price" AS "t3"
    ON "t11"."price_epoch" = "t3"."price_epoch"
) AS "t12"
WHERE
  "t12"."priced" <> 0
