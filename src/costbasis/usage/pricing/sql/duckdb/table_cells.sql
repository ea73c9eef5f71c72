SELECT
  "t23"."grouped",
  "t23"."key",
  "t23"."month",
  "t23"."model",
  "t23"."priced",
  "t23"."note_epoch",
  "t23"."context_bucket",
  SUM("t23"."requests") AS "requests",
  SUM("t23"."input_tok") AS "input_tok",
  SUM("t23"."cache_write_5m_tok") AS "cache_write_5m_tok",
  SUM("t23"."cache_write_1h_tok") AS "cache_write_1h_tok",
  SUM("t23"."cache_write_unknown_tok") AS "cache_write_unknown_tok",
  SUM("t23"."cache_read_tok") AS "cache_read_tok",
  SUM("t23"."output_tok") AS "output_tok",
  SUM("t23"."reasoning_tok") AS "reasoning_tok",
  SUM("t23"."web_searches") AS "web_searches",
  SUM("t23"."input_pico_usd") AS "input_pico_usd",
  SUM("t23"."cache_write_5m_pico_usd") AS "cache_write_5m_pico_usd",
  SUM("t23"."cache_write_1h_pico_usd") AS "cache_write_1h_pico_usd",
  SUM("t23"."cache_write_unknown_pico_usd") AS "cache_write_unknown_pico_usd",
  SUM("t23"."cache_read_pico_usd") AS "cache_read_pico_usd",
  SUM("t23"."output_pico_usd") AS "output_pico_usd",
  SUM("t23"."cache_write_unknown_max_pico_usd") AS "cache_write_unknown_max_pico_usd",
  SUM("t23"."tools_pico_usd") AS "tools_pico_usd",
  SUM("t23"."output_ctx_tok2") AS "output_ctx_tok2",
  SUM("t23"."new_ctx_tok2") AS "new_ctx_tok2",
  MIN("t23"."first_time_s") AS "first_time_s",
  MAX("t23"."last_time_s") AS "last_time_s"
FROM (
  SELECT
    "t22"."grouped",
    "t22"."log_model",
    "t22"."mode",
    "t22"."geo",
    "t22"."segment",
    "t22"."tier_tok",
    "t22"."context_bucket",
    "t22"."requests",
    "t22"."input_tok",
    "t22"."cache_write_5m_tok",
    "t22"."cache_write_1h_tok",
    "t22"."cache_write_unknown_tok",
    "t22"."cache_read_tok",
    "t22"."output_tok",
    "t22"."reasoning_tok",
    "t22"."web_searches",
    "t22"."output_ctx_tok2",
    "t22"."new_ctx_tok2",
    "t22"."first_time_s",
    "t22"."last_time_s",
    "t22"."price_epoch",
    "t22"."noted",
    "t22"."model",
    "t22"."priced",
    "t22"."long_above_tok",
    "t22"."web_search_pico_usd",
    "t22"."input_pico_usd_per_tok",
    "t22"."cache_write_5m_pico_usd_per_tok",
    "t22"."cache_write_1h_pico_usd_per_tok",
    "t22"."cache_write_unknown_pico_usd_per_tok",
    "t22"."cache_read_pico_usd_per_tok",
    "t22"."output_pico_usd_per_tok",
    "t22"."cache_write_unknown_max_pico_usd_per_tok",
    "t22"."long_input_pico_usd_per_tok",
    "t22"."long_cache_write_5m_pico_usd_per_tok",
    "t22"."long_cache_write_1h_pico_usd_per_tok",
    "t22"."long_cache_write_unknown_pico_usd_per_tok",
    "t22"."long_cache_read_pico_usd_per_tok",
    "t22"."long_output_pico_usd_per_tok",
    "t22"."long_cache_write_unknown_max_pico_usd_per_tok",
    "t22"."key",
    "t22"."month",
    CAST("t22"."input_tok" AS DECIMAL(19, 0)) * CAST(CASE
      WHEN "t22"."tier_tok" >= "t22"."long_above_tok"
      THEN "t22"."long_input_pico_usd_per_tok"
      ELSE "t22"."input_pico_usd_per_tok"
    END AS DECIMAL(19, 0)) AS "input_pico_usd",
    CAST("t22"."cache_write_5m_tok" AS DECIMAL(19, 0)) * CAST(CASE
      WHEN "t22"."tier_tok" >= "t22"."long_above_tok"
      THEN "t22"."long_cache_write_5m_pico_usd_per_tok"
      ELSE "t22"."cache_write_5m_pico_usd_per_tok"
    END AS DECIMAL(19, 0)) AS "cache_write_5m_pico_usd",
    CAST("t22"."cache_write_1h_tok" AS DECIMAL(19, 0)) * CAST(CASE
      WHEN "t22"."tier_tok" >= "t22"."long_above_tok"
      THEN "t22"."long_cache_write_1h_pico_usd_per_tok"
      ELSE "t22"."cache_write_1h_pico_usd_per_tok"
    END AS DECIMAL(19, 0)) AS "cache_write_1h_pico_usd",
    CAST("t22"."cache_write_unknown_tok" AS DECIMAL(19, 0)) * CAST(CASE
      WHEN "t22"."tier_tok" >= "t22"."long_above_tok"
      THEN "t22"."long_cache_write_unknown_pico_usd_per_tok"
      ELSE "t22"."cache_write_unknown_pico_usd_per_tok"
    END AS DECIMAL(19, 0)) AS "cache_write_unknown_pico_usd",
    CAST("t22"."cache_read_tok" AS DECIMAL(19, 0)) * CAST(CASE
      WHEN "t22"."tier_tok" >= "t22"."long_above_tok"
      THEN "t22"."long_cache_read_pico_usd_per_tok"
      ELSE "t22"."cache_read_pico_usd_per_tok"
    END AS DECIMAL(19, 0)) AS "cache_read_pico_usd",
    CAST("t22"."output_tok" AS DECIMAL(19, 0)) * CAST(CASE
      WHEN "t22"."tier_tok" >= "t22"."long_above_tok"
      THEN "t22"."long_output_pico_usd_per_tok"
      ELSE "t22"."output_pico_usd_per_tok"
    END AS DECIMAL(19, 0)) AS "output_pico_usd",
    CAST("t22"."cache_write_unknown_tok" AS DECIMAL(19, 0)) * CAST(CASE
      WHEN "t22"."tier_tok" >= "t22"."long_above_tok"
      THEN "t22"."long_cache_write_unknown_max_pico_usd_per_tok"
      ELSE "t22"."cache_write_unknown_max_pico_usd_per_tok"
    END AS DECIMAL(19, 0)) AS "cache_write_unknown_max_pico_usd",
    CAST("t22"."web_searches" AS DECIMAL(19, 0)) * CAST("t22"."web_search_pico_usd" AS DECIMAL(19, 0)) AS "tools_pico_usd",
    CASE WHEN "t22"."noted" <> 0 THEN "t22"."price_epoch" ELSE -1 END AS "note_epoch"
  FROM (
    SELECT
      "t21"."grouped",
      "t21"."log_model",
      "t21"."mode",
      "t21"."geo",
      "t21"."segment",
      "t21"."tier_tok",
      "t21"."context_bucket",
      "t21"."requests",
      "t21"."input_tok",
      "t21"."cache_write_5m_tok",
      "t21"."cache_write_1h_tok",
      "t21"."cache_write_unknown_tok",
      "t21"."cache_read_tok",
      "t21"."output_tok",
      "t21"."reasoning_tok",
      "t21"."web_searches",
      "t21"."output_ctx_tok2",
      "t21"."new_ctx_tok2",
      "t21"."first_time_s",
      "t21"."last_time_s",
      "t6"."price_epoch",
      "t6"."noted",
      "t7"."model",
      "t7"."priced",
      "t7"."long_above_tok",
      "t7"."web_search_pico_usd",
      "t7"."input_pico_usd_per_tok",
      "t7"."cache_write_5m_pico_usd_per_tok",
      "t7"."cache_write_1h_pico_usd_per_tok",
      "t7"."cache_write_unknown_pico_usd_per_tok",
      "t7"."cache_read_pico_usd_per_tok",
      "t7"."output_pico_usd_per_tok",
      "t7"."cache_write_unknown_max_pico_usd_per_tok",
      "t7"."long_input_pico_usd_per_tok",
      "t7"."long_cache_write_5m_pico_usd_per_tok",
      "t7"."long_cache_write_1h_pico_usd_per_tok",
      "t7"."long_cache_write_unknown_pico_usd_per_tok",
      "t7"."long_cache_read_pico_usd_per_tok",
      "t7"."long_output_pico_usd_per_tok",
      "t7"."long_cache_write_unknown_max_pico_usd_per_tok",
      "t8"."key",
      "t8"."month"
    FROM (
      SELECT
        "t19"."grouped",
        "t19"."log_model",
        "t19"."mode",
        "t19"."geo",
        "t19"."segment",
        "t19"."tier_tok",
        "t19"."context_bucket",
        COUNT(*) AS "requests",
        SUM("t19"."input_tok") AS "input_tok",
        SUM("t19"."cache_write_5m_tok") AS "cache_write_5m_tok",
        SUM("t19"."cache_write_1h_tok") AS "cache_write_1h_tok",
        SUM("t19"."cache_write_unknown_tok") AS "cache_write_unknown_tok",
        SUM("t19"."cache_read_tok") AS "cache_read_tok",
        SUM("t19"."output_tok") AS "output_tok",
        SUM("t19"."reasoning_tok") AS "reasoning_tok",
        SUM("t19"."web_searches") AS "web_searches",
        SUM("t19"."output_ctx_tok2") AS "output_ctx_tok2",
        SUM("t19"."new_ctx_tok2") AS "new_ctx_tok2",
        MIN("t19"."time_s") AS "first_time_s",
        MAX("t19"."time_s") AS "last_time_s"
      FROM (
        SELECT
          "t18"."place",
          "t18"."request_id",
          COALESCE("t18"."grouped", '') AS "grouped",
          "t18"."log_model",
          "t18"."mode",
          "t18"."geo",
          "t18"."row_number",
          "t18"."time_s",
          "t18"."no_zone",
          "t18"."not_whole",
          "t18"."read_input_tok",
          "t18"."read_cache_write_5m_tok",
          "t18"."read_cache_write_1h_tok",
          "t18"."read_cache_write_unknown_tok",
          "t18"."read_cache_read_tok",
          "t18"."read_output_tok",
          "t18"."read_reasoning_tok",
          "t18"."read_web_searches",
          "t18"."slot_s",
          "t18"."first_s",
          "t18"."before_s",
          "t18"."tok_per_unit",
          "t18"."most_tok",
          "t18"."input_has_cache_write_5m",
          "t18"."input_has_cache_write_1h",
          "t18"."input_has_cache_write_unknown",
          "t18"."input_has_cache_read",
          "t18"."output_has_reasoning",
          "t18"."tier_1_tok",
          "t18"."tier_2_tok",
          "t18"."tier_3_tok",
          "t18"."tier_4_tok",
          "t18"."tier_5_tok",
          "t18"."tier_6_tok",
          "t18"."told_input",
          "t18"."told_cache_write_5m",
          "t18"."told_cache_write_1h",
          "t18"."told_cache_write_unknown",
          "t18"."told_cache_read",
          "t18"."told_output",
          "t18"."told_reasoning",
          "t18"."web_searches",
          "t18"."fault",
          "t18"."slot",
          "t18"."input_tok",
          "t18"."cache_write_5m_tok",
          "t18"."cache_write_1h_tok",
          "t18"."cache_write_unknown_tok",
          "t18"."cache_read_tok",
          "t18"."output_tok",
          "t18"."reasoning_tok",
          "t18"."segment",
          "t18"."new_tok",
          "t18"."prompt_tok",
          GREATEST(CAST(FLOOR(LOG(2, "t18"."prompt_tok" + 0.5)) AS BIGINT), 0) AS "context_bucket",
          CASE
            WHEN "t18"."prompt_tok" > "t18"."tier_6_tok"
            THEN "t18"."tier_6_tok"
            WHEN "t18"."prompt_tok" > "t18"."tier_5_tok"
            THEN "t18"."tier_5_tok"
            WHEN "t18"."prompt_tok" > "t18"."tier_4_tok"
            THEN "t18"."tier_4_tok"
            WHEN "t18"."prompt_tok" > "t18"."tier_3_tok"
            THEN "t18"."tier_3_tok"
            WHEN "t18"."prompt_tok" > "t18"."tier_2_tok"
            THEN "t18"."tier_2_tok"
            WHEN "t18"."prompt_tok" > "t18"."tier_1_tok"
            THEN "t18"."tier_1_tok"
            ELSE 0
          END AS "tier_tok",
          CAST("t18"."output_tok" AS DOUBLE) * (
            CAST("t18"."prompt_tok" AS DOUBLE) + (
              CAST("t18"."output_tok" AS DOUBLE) / 2.0
            )
          ) AS "output_ctx_tok2",
          CAST("t18"."new_tok" AS DOUBLE) * (
            CAST("t18"."cache_read_tok" AS DOUBLE) + (
              CAST("t18"."new_tok" AS DOUBLE) / 2.0
            )
          ) AS "new_ctx_tok2"
        FROM (
          SELECT
            "t17"."place",
            "t17"."request_id",
            "t17"."grouped",
            "t17"."log_model",
            "t17"."mode",
            "t17"."geo",
            "t17"."row_number",
            "t17"."time_s",
            "t17"."no_zone",
            "t17"."not_whole",
            "t17"."read_input_tok",
            "t17"."read_cache_write_5m_tok",
            "t17"."read_cache_write_1h_tok",
            "t17"."read_cache_write_unknown_tok",
            "t17"."read_cache_read_tok",
            "t17"."read_output_tok",
            "t17"."read_reasoning_tok",
            "t17"."read_web_searches",
            "t17"."slot_s",
            "t17"."first_s",
            "t17"."before_s",
            "t17"."tok_per_unit",
            "t17"."most_tok",
            "t17"."input_has_cache_write_5m",
            "t17"."input_has_cache_write_1h",
            "t17"."input_has_cache_write_unknown",
            "t17"."input_has_cache_read",
            "t17"."output_has_reasoning",
            "t17"."tier_1_tok",
            "t17"."tier_2_tok",
            "t17"."tier_3_tok",
            "t17"."tier_4_tok",
            "t17"."tier_5_tok",
            "t17"."tier_6_tok",
            "t17"."told_input",
            "t17"."told_cache_write_5m",
            "t17"."told_cache_write_1h",
            "t17"."told_cache_write_unknown",
            "t17"."told_cache_read",
            "t17"."told_output",
            "t17"."told_reasoning",
            "t17"."web_searches",
            "t17"."fault",
            "t17"."slot",
            "t17"."input_tok",
            "t17"."cache_write_5m_tok",
            "t17"."cache_write_1h_tok",
            "t17"."cache_write_unknown_tok",
            "t17"."cache_read_tok",
            "t17"."output_tok",
            "t17"."reasoning_tok",
            "t17"."segment",
            "t17"."input_tok" + "t17"."cache_write_5m_tok" + "t17"."cache_write_1h_tok" + "t17"."cache_write_unknown_tok" AS "new_tok",
            "t17"."input_tok" + "t17"."cache_write_5m_tok" + "t17"."cache_write_1h_tok" + "t17"."cache_write_unknown_tok" + "t17"."cache_read_tok" AS "prompt_tok"
          FROM (
            SELECT
              "t16"."place",
              "t16"."request_id",
              "t16"."grouped",
              "t16"."log_model",
              "t16"."mode",
              "t16"."geo",
              "t16"."row_number",
              "t16"."time_s",
              "t16"."no_zone",
              "t16"."not_whole",
              "t16"."read_input_tok",
              "t16"."read_cache_write_5m_tok",
              "t16"."read_cache_write_1h_tok",
              "t16"."read_cache_write_unknown_tok",
              "t16"."read_cache_read_tok",
              "t16"."read_output_tok",
              "t16"."read_reasoning_tok",
              "t16"."read_web_searches",
              "t16"."slot_s",
              "t16"."first_s",
              "t16"."before_s",
              "t16"."tok_per_unit",
              "t16"."most_tok",
              "t16"."input_has_cache_write_5m",
              "t16"."input_has_cache_write_1h",
              "t16"."input_has_cache_write_unknown",
              "t16"."input_has_cache_read",
              "t16"."output_has_reasoning",
              "t16"."tier_1_tok",
              "t16"."tier_2_tok",
              "t16"."tier_3_tok",
              "t16"."tier_4_tok",
              "t16"."tier_5_tok",
              "t16"."tier_6_tok",
              "t16"."told_input",
              "t16"."told_cache_write_5m",
              "t16"."told_cache_write_1h",
              "t16"."told_cache_write_unknown",
              "t16"."told_cache_read",
              "t16"."told_output",
              "t16"."told_reasoning",
              "t16"."web_searches",
              "t16"."fault",
              "t16"."slot",
              "t16"."input_tok",
              "t16"."cache_write_5m_tok",
              "t16"."cache_write_1h_tok",
              "t16"."cache_write_unknown_tok",
              "t16"."cache_read_tok",
              "t16"."output_tok",
              "t16"."reasoning_tok",
              "t9"."segment"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t13"."place",
                  "t13"."request_id",
                  "t13"."grouped",
                  "t13"."log_model",
                  "t13"."mode",
                  "t13"."geo",
                  "t13"."row_number",
                  "t13"."time_s",
                  "t13"."no_zone",
                  "t13"."not_whole",
                  "t13"."read_input_tok",
                  "t13"."read_cache_write_5m_tok",
                  "t13"."read_cache_write_1h_tok",
                  "t13"."read_cache_write_unknown_tok",
                  "t13"."read_cache_read_tok",
                  "t13"."read_output_tok",
                  "t13"."read_reasoning_tok",
                  "t13"."read_web_searches",
                  "t13"."slot_s",
                  "t13"."first_s",
                  "t13"."before_s",
                  "t13"."tok_per_unit",
                  "t13"."most_tok",
                  "t13"."input_has_cache_write_5m",
                  "t13"."input_has_cache_write_1h",
                  "t13"."input_has_cache_write_unknown",
                  "t13"."input_has_cache_read",
                  "t13"."output_has_reasoning",
                  "t13"."tier_1_tok",
                  "t13"."tier_2_tok",
                  "t13"."tier_3_tok",
                  "t13"."tier_4_tok",
                  "t13"."tier_5_tok",
                  "t13"."tier_6_tok",
                  "t13"."told_input",
                  "t13"."told_cache_write_5m",
                  "t13"."told_cache_write_1h",
                  "t13"."told_cache_write_unknown",
                  "t13"."told_cache_read",
                  "t13"."told_output",
                  "t13"."told_reasoning",
                  "t13"."web_searches",
                  CAST(CASE
                    WHEN "t13"."time_s" IS NULL
                    THEN 1
                    WHEN "t13"."no_zone" <> 0
                    THEN 2
                    WHEN (
                      "t13"."time_s" < "t13"."first_s"
                    )
                    OR (
                      "t13"."time_s" >= "t13"."before_s"
                    )
                    THEN 3
                    WHEN "t13"."log_model" = ''
                    THEN 4
                    WHEN "t13"."not_whole" <> 0
                    THEN 5
                    WHEN LEAST(
                      "t13"."told_input",
                      "t13"."told_cache_write_5m",
                      "t13"."told_cache_write_1h",
                      "t13"."told_cache_write_unknown",
                      "t13"."told_cache_read",
                      "t13"."told_output",
                      "t13"."told_reasoning",
                      "t13"."web_searches"
                    ) < 0
                    THEN 6
                    WHEN (
                      "t13"."read_input_tok" IS NULL
                    ) OR (
                      "t13"."read_output_tok" IS NULL
                    )
                    THEN 7
                    WHEN GREATEST(
                      "t13"."told_input",
                      "t13"."told_cache_write_5m",
                      "t13"."told_cache_write_1h",
                      "t13"."told_cache_write_unknown",
                      "t13"."told_cache_read",
                      "t13"."told_output",
                      "t13"."told_reasoning",
                      "t13"."web_searches"
                    ) > "t13"."most_tok"
                    THEN 8
                    WHEN (
                      0 + (
                        "t13"."told_cache_write_5m" * "t13"."input_has_cache_write_5m"
                      ) + (
                        "t13"."told_cache_write_1h" * "t13"."input_has_cache_write_1h"
                      ) + (
                        "t13"."told_cache_write_unknown" * "t13"."input_has_cache_write_unknown"
                      ) + (
                        "t13"."told_cache_read" * "t13"."input_has_cache_read"
                      )
                    ) > "t13"."told_input"
                    THEN 9
                    WHEN (
                      "t13"."output_has_reasoning" <> 0
                    )
                    AND (
                      "t13"."told_reasoning" > "t13"."told_output"
                    )
                    THEN 10
                    ELSE 0
                  END AS BIGINT) AS "fault",
                  CAST(FLOOR((
                    "t13"."time_s"
                  ) / (
                    "t13"."slot_s"
                  )) AS BIGINT) AS "slot",
                  "t13"."told_input" - (
                    0 + (
                      "t13"."told_cache_write_5m" * "t13"."input_has_cache_write_5m"
                    ) + (
                      "t13"."told_cache_write_1h" * "t13"."input_has_cache_write_1h"
                    ) + (
                      "t13"."told_cache_write_unknown" * "t13"."input_has_cache_write_unknown"
                    ) + (
                      "t13"."told_cache_read" * "t13"."input_has_cache_read"
                    )
                  ) AS "input_tok",
                  "t13"."told_cache_write_5m" AS "cache_write_5m_tok",
                  "t13"."told_cache_write_1h" AS "cache_write_1h_tok",
                  "t13"."told_cache_write_unknown" AS "cache_write_unknown_tok",
                  "t13"."told_cache_read" AS "cache_read_tok",
                  "t13"."told_output" + (
                    "t13"."told_reasoning" * (
                      1 - "t13"."output_has_reasoning"
                    )
                  ) AS "output_tok",
                  "t13"."told_reasoning" AS "reasoning_tok"
                FROM (
                  SELECT
                    "t12"."place",
                    "t12"."request_id",
                    "t12"."grouped",
                    "t12"."log_model",
                    "t12"."mode",
                    "t12"."geo",
                    "t12"."row_number",
                    "t12"."time_s",
                    "t12"."no_zone",
                    "t12"."not_whole",
                    "t12"."read_input_tok",
                    "t12"."read_cache_write_5m_tok",
                    "t12"."read_cache_write_1h_tok",
                    "t12"."read_cache_write_unknown_tok",
                    "t12"."read_cache_read_tok",
                    "t12"."read_output_tok",
                    "t12"."read_reasoning_tok",
                    "t12"."read_web_searches",
                    "t12"."slot_s",
                    "t12"."first_s",
                    "t12"."before_s",
                    "t12"."tok_per_unit",
                    "t12"."most_tok",
                    "t12"."input_has_cache_write_5m",
                    "t12"."input_has_cache_write_1h",
                    "t12"."input_has_cache_write_unknown",
                    "t12"."input_has_cache_read",
                    "t12"."output_has_reasoning",
                    "t12"."tier_1_tok",
                    "t12"."tier_2_tok",
                    "t12"."tier_3_tok",
                    "t12"."tier_4_tok",
                    "t12"."tier_5_tok",
                    "t12"."tier_6_tok",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_input_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_input_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_input_tok", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_input_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_input_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_input_tok", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_input_tok", 0) IS NULL
                          THEN COALESCE("t12"."read_input_tok", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_input_tok", 0))
                        END
                      )
                    END * "t12"."tok_per_unit" AS "told_input",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_cache_write_5m_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_write_5m_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_5m_tok", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_cache_write_5m_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_write_5m_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_5m_tok", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_cache_write_5m_tok", 0) IS NULL
                          THEN COALESCE("t12"."read_cache_write_5m_tok", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_5m_tok", 0))
                        END
                      )
                    END * "t12"."tok_per_unit" AS "told_cache_write_5m",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_cache_write_1h_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_write_1h_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_1h_tok", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_cache_write_1h_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_write_1h_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_1h_tok", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_cache_write_1h_tok", 0) IS NULL
                          THEN COALESCE("t12"."read_cache_write_1h_tok", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_1h_tok", 0))
                        END
                      )
                    END * "t12"."tok_per_unit" AS "told_cache_write_1h",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_cache_write_unknown_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_write_unknown_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_unknown_tok", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_cache_write_unknown_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_write_unknown_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_unknown_tok", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_cache_write_unknown_tok", 0) IS NULL
                          THEN COALESCE("t12"."read_cache_write_unknown_tok", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_cache_write_unknown_tok", 0))
                        END
                      )
                    END * "t12"."tok_per_unit" AS "told_cache_write_unknown",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_cache_read_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_read_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_read_tok", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_cache_read_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_cache_read_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_cache_read_tok", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_cache_read_tok", 0) IS NULL
                          THEN COALESCE("t12"."read_cache_read_tok", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_cache_read_tok", 0))
                        END
                      )
                    END * "t12"."tok_per_unit" AS "told_cache_read",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_output_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_output_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_output_tok", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_output_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_output_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_output_tok", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_output_tok", 0) IS NULL
                          THEN COALESCE("t12"."read_output_tok", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_output_tok", 0))
                        END
                      )
                    END * "t12"."tok_per_unit" AS "told_output",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_reasoning_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_reasoning_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_reasoning_tok", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_reasoning_tok", 0) IS NULL
                        THEN COALESCE("t12"."read_reasoning_tok", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_reasoning_tok", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_reasoning_tok", 0) IS NULL
                          THEN COALESCE("t12"."read_reasoning_tok", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_reasoning_tok", 0))
                        END
                      )
                    END * "t12"."tok_per_unit" AS "told_reasoning",
                    CASE
                      WHEN CASE
                        WHEN COALESCE("t12"."read_web_searches", 0) IS NULL
                        THEN COALESCE("t12"."read_web_searches", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_web_searches", 0))
                      END IS NULL
                      THEN CASE
                        WHEN COALESCE("t12"."read_web_searches", 0) IS NULL
                        THEN COALESCE("t12"."read_web_searches", 0)
                        ELSE LEAST(4000000000, COALESCE("t12"."read_web_searches", 0))
                      END
                      ELSE GREATEST(
                        -1,
                        CASE
                          WHEN COALESCE("t12"."read_web_searches", 0) IS NULL
                          THEN COALESCE("t12"."read_web_searches", 0)
                          ELSE LEAST(4000000000, COALESCE("t12"."read_web_searches", 0))
                        END
                      )
                    END AS "web_searches"
                  FROM (
                    SELECT
                      "t10"."place",
                      "t10"."request_id",
                      "t10"."grouped",
                      "t10"."log_model",
                      "t10"."mode",
                      "t10"."geo",
                      "t10"."row_number",
                      "t10"."time_s",
                      "t10"."no_zone",
                      "t10"."not_whole",
                      "t10"."read_input_tok",
                      "t10"."read_cache_write_5m_tok",
                      "t10"."read_cache_write_1h_tok",
                      "t10"."read_cache_write_unknown_tok",
                      "t10"."read_cache_read_tok",
                      "t10"."read_output_tok",
                      "t10"."read_reasoning_tok",
                      "t10"."read_web_searches",
                      "t11"."slot_s",
                      "t11"."first_s",
                      "t11"."before_s",
                      "t11"."tok_per_unit",
                      "t11"."most_tok",
                      "t11"."input_has_cache_write_5m",
                      "t11"."input_has_cache_write_1h",
                      "t11"."input_has_cache_write_unknown",
                      "t11"."input_has_cache_read",
                      "t11"."output_has_reasoning",
                      "t11"."tier_1_tok",
                      "t11"."tier_2_tok",
                      "t11"."tier_3_tok",
                      "t11"."tier_4_tok",
                      "t11"."tier_5_tok",
                      "t11"."tier_6_tok"
                    FROM "source" AS "t10"
                    CROSS JOIN "setting" AS "t11"
                  ) AS "t12"
                ) AS "t13"
              ) AS "t14"
              WHERE
                "t14"."fault" = 0
            ) AS "t16"
            INNER JOIN "calendar" AS "t9"
              ON "t16"."slot" = "t9"."slot"
          ) AS "t17"
        ) AS "t18"
      ) AS "t19"
      GROUP BY
        1,
        2,
        3,
        4,
        5,
        6,
        7
    ) AS "t21"
    INNER JOIN "epoch_of" AS "t6"
      ON "t21"."log_model" = "t6"."log_model"
      AND "t21"."mode" = "t6"."mode"
      AND "t21"."geo" = "t6"."geo"
      AND "t21"."segment" = "t6"."segment"
    INNER JOIN "price" AS "t7"
      ON "t6"."price_epoch" = "t7"."price_epoch"
    INNER JOIN "segment" AS "t8"
      ON "t21"."segment" = "t8"."segment"
  ) AS "t22"
) AS "t23"
GROUP BY
  1,
  2,
  3,
  4,
  5,
  6,
  7
