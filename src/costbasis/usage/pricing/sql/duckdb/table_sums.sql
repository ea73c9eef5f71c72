SELECT
  "t22"."grouped",
  "t22"."key",
  "t22"."month",
  "t22"."model",
  "t22"."priced",
  "t22"."note_epoch",
  -1 AS "context_bucket",
  "t22"."requests",
  "t22"."input_tok",
  "t22"."cache_write_5m_tok",
  "t22"."cache_write_1h_tok",
  "t22"."cache_write_unknown_tok",
  "t22"."cache_read_tok",
  "t22"."output_tok",
  "t22"."reasoning_tok",
  "t22"."web_searches",
  "t22"."input_pico_usd",
  "t22"."cache_write_5m_pico_usd",
  "t22"."cache_write_1h_pico_usd",
  "t22"."cache_write_unknown_pico_usd",
  "t22"."cache_read_pico_usd",
  "t22"."output_pico_usd",
  "t22"."cache_write_unknown_max_pico_usd",
  "t22"."tools_pico_usd",
  "t22"."output_ctx_tok2",
  "t22"."new_ctx_tok2",
  "t22"."first_tick",
  "t22"."last_tick"
FROM (
  SELECT
    "t21"."grouped",
    "t21"."key",
    "t21"."month",
    "t21"."model",
    "t21"."priced",
    "t21"."note_epoch",
    SUM("t21"."requests") AS "requests",
    SUM("t21"."input_tok") AS "input_tok",
    SUM("t21"."cache_write_5m_tok") AS "cache_write_5m_tok",
    SUM("t21"."cache_write_1h_tok") AS "cache_write_1h_tok",
    SUM("t21"."cache_write_unknown_tok") AS "cache_write_unknown_tok",
    SUM("t21"."cache_read_tok") AS "cache_read_tok",
    SUM("t21"."output_tok") AS "output_tok",
    SUM("t21"."reasoning_tok") AS "reasoning_tok",
    SUM("t21"."web_searches") AS "web_searches",
    SUM("t21"."input_pico_usd") AS "input_pico_usd",
    SUM("t21"."cache_write_5m_pico_usd") AS "cache_write_5m_pico_usd",
    SUM("t21"."cache_write_1h_pico_usd") AS "cache_write_1h_pico_usd",
    SUM("t21"."cache_write_unknown_pico_usd") AS "cache_write_unknown_pico_usd",
    SUM("t21"."cache_read_pico_usd") AS "cache_read_pico_usd",
    SUM("t21"."output_pico_usd") AS "output_pico_usd",
    SUM("t21"."cache_write_unknown_max_pico_usd") AS "cache_write_unknown_max_pico_usd",
    SUM("t21"."tools_pico_usd") AS "tools_pico_usd",
    SUM("t21"."output_ctx_tok2") AS "output_ctx_tok2",
    SUM("t21"."new_ctx_tok2") AS "new_ctx_tok2",
    MIN("t21"."first_tick") AS "first_tick",
    MAX("t21"."last_tick") AS "last_tick"
  FROM (
    SELECT
      "t20"."grouped",
      "t20"."packed",
      "t20"."requests",
      "t20"."input_tok",
      "t20"."cache_write_5m_tok",
      "t20"."cache_write_1h_tok",
      "t20"."cache_write_unknown_tok",
      "t20"."cache_read_tok",
      "t20"."output_tok",
      "t20"."reasoning_tok",
      "t20"."web_searches",
      "t20"."output_ctx_tok2",
      "t20"."new_ctx_tok2",
      "t20"."first_tick",
      "t20"."last_tick",
      "t20"."name_code",
      "t20"."segment",
      "t20"."log2_bucket",
      "t20"."tier",
      "t20"."from_segment",
      "t20"."before_segment",
      "t20"."price_epoch",
      "t20"."noted",
      "t20"."long_from_tier",
      "t20"."model",
      "t20"."priced",
      "t20"."long_above_tok",
      "t20"."web_search_pico_usd",
      "t20"."input_pico_usd_per_tok",
      "t20"."cache_write_5m_pico_usd_per_tok",
      "t20"."cache_write_1h_pico_usd_per_tok",
      "t20"."cache_write_unknown_pico_usd_per_tok",
      "t20"."cache_read_pico_usd_per_tok",
      "t20"."output_pico_usd_per_tok",
      "t20"."cache_write_unknown_max_pico_usd_per_tok",
      "t20"."long_input_pico_usd_per_tok",
      "t20"."long_cache_write_5m_pico_usd_per_tok",
      "t20"."long_cache_write_1h_pico_usd_per_tok",
      "t20"."long_cache_write_unknown_pico_usd_per_tok",
      "t20"."long_cache_read_pico_usd_per_tok",
      "t20"."long_output_pico_usd_per_tok",
      "t20"."long_cache_write_unknown_max_pico_usd_per_tok",
      "t20"."key",
      "t20"."month",
      CAST("t20"."input_tok" AS DECIMAL(19, 0)) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_input_pico_usd_per_tok"
        ELSE "t20"."input_pico_usd_per_tok"
      END AS DECIMAL(19, 0)) AS "input_pico_usd",
      CAST("t20"."cache_write_5m_tok" AS DECIMAL(19, 0)) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_5m_pico_usd_per_tok"
        ELSE "t20"."cache_write_5m_pico_usd_per_tok"
      END AS DECIMAL(19, 0)) AS "cache_write_5m_pico_usd",
      CAST("t20"."cache_write_1h_tok" AS DECIMAL(19, 0)) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_1h_pico_usd_per_tok"
        ELSE "t20"."cache_write_1h_pico_usd_per_tok"
      END AS DECIMAL(19, 0)) AS "cache_write_1h_pico_usd",
      CAST("t20"."cache_write_unknown_tok" AS DECIMAL(19, 0)) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_unknown_pico_usd_per_tok"
        ELSE "t20"."cache_write_unknown_pico_usd_per_tok"
      END AS DECIMAL(19, 0)) AS "cache_write_unknown_pico_usd",
      CAST("t20"."cache_read_tok" AS DECIMAL(19, 0)) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_read_pico_usd_per_tok"
        ELSE "t20"."cache_read_pico_usd_per_tok"
      END AS DECIMAL(19, 0)) AS "cache_read_pico_usd",
      CAST("t20"."output_tok" AS DECIMAL(19, 0)) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_output_pico_usd_per_tok"
        ELSE "t20"."output_pico_usd_per_tok"
      END AS DECIMAL(19, 0)) AS "output_pico_usd",
      CAST("t20"."cache_write_unknown_tok" AS DECIMAL(19, 0)) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_unknown_max_pico_usd_per_tok"
        ELSE "t20"."cache_write_unknown_max_pico_usd_per_tok"
      END AS DECIMAL(19, 0)) AS "cache_write_unknown_max_pico_usd",
      CAST("t20"."web_searches" AS DECIMAL(19, 0)) * CAST("t20"."web_search_pico_usd" AS DECIMAL(19, 0)) AS "tools_pico_usd",
      GREATEST("t20"."log2_bucket" - 1, 0) AS "context_bucket",
      CASE WHEN "t20"."noted" <> 0 THEN "t20"."price_epoch" ELSE -1 END AS "note_epoch"
    FROM (
      SELECT
        "t19"."grouped",
        "t19"."packed",
        "t19"."requests",
        "t19"."input_tok",
        "t19"."cache_write_5m_tok",
        "t19"."cache_write_1h_tok",
        "t19"."cache_write_unknown_tok",
        "t19"."cache_read_tok",
        "t19"."output_tok",
        "t19"."reasoning_tok",
        "t19"."web_searches",
        "t19"."output_ctx_tok2",
        "t19"."new_ctx_tok2",
        "t19"."first_tick",
        "t19"."last_tick",
        "t19"."name_code",
        "t19"."segment",
        "t19"."log2_bucket",
        "t19"."tier",
        "t19"."from_segment",
        "t19"."before_segment",
        "t19"."price_epoch",
        "t19"."noted",
        "t19"."long_from_tier",
        "t5"."model",
        "t5"."priced",
        "t5"."long_above_tok",
        "t5"."web_search_pico_usd",
        "t5"."input_pico_usd_per_tok",
        "t5"."cache_write_5m_pico_usd_per_tok",
        "t5"."cache_write_1h_pico_usd_per_tok",
        "t5"."cache_write_unknown_pico_usd_per_tok",
        "t5"."cache_read_pico_usd_per_tok",
        "t5"."output_pico_usd_per_tok",
        "t5"."cache_write_unknown_max_pico_usd_per_tok",
        "t5"."long_input_pico_usd_per_tok",
        "t5"."long_cache_write_5m_pico_usd_per_tok",
        "t5"."long_cache_write_1h_pico_usd_per_tok",
        "t5"."long_cache_write_unknown_pico_usd_per_tok",
        "t5"."long_cache_read_pico_usd_per_tok",
        "t5"."long_output_pico_usd_per_tok",
        "t5"."long_cache_write_unknown_max_pico_usd_per_tok",
        "t6"."key",
        "t6"."month"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t16"."grouped",
            "t16"."packed",
            "t16"."requests",
            "t16"."input_tok",
            "t16"."cache_write_5m_tok",
            "t16"."cache_write_1h_tok",
            "t16"."cache_write_unknown_tok",
            "t16"."cache_read_tok",
            "t16"."output_tok",
            "t16"."reasoning_tok",
            "t16"."web_searches",
            "t16"."output_ctx_tok2",
            "t16"."new_ctx_tok2",
            "t16"."first_tick",
            "t16"."last_tick",
            "t16"."name_code",
            "t16"."segment",
            "t16"."log2_bucket",
            "t16"."tier",
            "t7"."from_segment",
            "t7"."before_segment",
            "t7"."price_epoch",
            "t7"."noted",
            "t7"."long_from_tier"
          FROM (
            SELECT
              "t14"."grouped",
              "t14"."packed",
              "t14"."requests",
              "t14"."input_tok",
              "t14"."cache_write_5m_tok",
              "t14"."cache_write_1h_tok",
              "t14"."cache_write_unknown_tok",
              "t14"."cache_read_tok",
              "t14"."output_tok",
              "t14"."reasoning_tok",
              "t14"."web_searches",
              "t14"."output_ctx_tok2",
              "t14"."new_ctx_tok2",
              "t14"."first_tick",
              "t14"."last_tick",
              "t14"."packed" >> 29 AS "name_code",
              (
                "t14"."packed" >> 9
              ) & 1048575 AS "segment",
              (
                "t14"."packed" >> 3
              ) & 63 AS "log2_bucket",
              "t14"."packed" & 7 AS "tier"
            FROM (
              SELECT
                "t13"."grouped",
                "t13"."packed",
                COUNT(*) AS "requests",
                SUM("t13"."input_tok") AS "input_tok",
                SUM("t13"."cache_write_5m_tok") AS "cache_write_5m_tok",
                SUM("t13"."cache_write_1h_tok") AS "cache_write_1h_tok",
                SUM("t13"."cache_write_unknown_tok") AS "cache_write_unknown_tok",
                SUM("t13"."cache_read_tok") AS "cache_read_tok",
                SUM("t13"."output_tok") AS "output_tok",
                SUM("t13"."reasoning_tok") AS "reasoning_tok",
                SUM("t13"."web_searches") AS "web_searches",
                SUM("t13"."output_ctx_tok2") AS "output_ctx_tok2",
                SUM("t13"."new_ctx_tok2") AS "new_ctx_tok2",
                MIN("t13"."time_tick") AS "first_tick",
                MAX("t13"."time_tick") AS "last_tick"
              FROM (
                SELECT
                  "t12"."place",
                  "t12"."request_id",
                  COALESCE("t12"."grouped", '') AS "grouped",
                  "t12"."log_model",
                  "t12"."mode",
                  "t12"."geo",
                  "t12"."row_number",
                  "t12"."time_tick",
                  "t12"."slot",
                  "t12"."name_code",
                  "t12"."first_tick",
                  "t12"."before_tick",
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
                  "t12"."included_tok",
                  "t12"."added_tok",
                  "t12"."output_has_reasoning",
                  "t12"."tier_1_tok",
                  "t12"."tier_2_tok",
                  "t12"."tier_3_tok",
                  "t12"."tier_4_tok",
                  "t12"."tier_5_tok",
                  "t12"."tier_6_tok",
                  "t12"."included_real",
                  "t12"."packed_segment",
                  "t12"."input_tok",
                  "t12"."cache_write_5m_tok",
                  "t12"."cache_write_1h_tok",
                  "t12"."cache_write_unknown_tok",
                  "t12"."cache_read_tok",
                  "t12"."output_tok",
                  "t12"."reasoning_tok",
                  "t12"."web_searches",
                  "t12"."new_tok",
                  "t12"."prompt_tok",
                  (
                    "t12"."name_code" * 536870912
                  ) | "t12"."packed_segment" | 0 | CAST(CASE
                    WHEN "t12"."prompt_tok" <= "t12"."tier_1_tok"
                    THEN 0
                    WHEN "t12"."prompt_tok" <= "t12"."tier_2_tok"
                    THEN 1
                    WHEN "t12"."prompt_tok" <= "t12"."tier_3_tok"
                    THEN 2
                    WHEN "t12"."prompt_tok" <= "t12"."tier_4_tok"
                    THEN 3
                    WHEN "t12"."prompt_tok" <= "t12"."tier_5_tok"
                    THEN 4
                    WHEN "t12"."prompt_tok" <= "t12"."tier_6_tok"
                    THEN 5
                    ELSE 6
                  END AS BIGINT) AS "packed",
                  CAST("t12"."output_tok" AS DOUBLE) * (
                    CAST("t12"."prompt_tok" AS DOUBLE) + (
                      CAST("t12"."output_tok" AS DOUBLE) * 0.5
                    )
                  ) AS "output_ctx_tok2",
                  CAST("t12"."new_tok" AS DOUBLE) * (
                    CAST("t12"."cache_read_tok" AS DOUBLE) + (
                      CAST("t12"."new_tok" AS DOUBLE) * 0.5
                    )
                  ) AS "new_ctx_tok2"
                FROM (
                  SELECT
                    "t11"."place",
                    "t11"."request_id",
                    "t11"."grouped",
                    "t11"."log_model",
                    "t11"."mode",
                    "t11"."geo",
                    "t11"."row_number",
                    "t11"."time_tick",
                    "t11"."slot",
                    "t11"."name_code",
                    "t11"."first_tick",
                    "t11"."before_tick",
                    "t11"."no_zone",
                    "t11"."not_whole",
                    "t11"."read_input_tok",
                    "t11"."read_cache_write_5m_tok",
                    "t11"."read_cache_write_1h_tok",
                    "t11"."read_cache_write_unknown_tok",
                    "t11"."read_cache_read_tok",
                    "t11"."read_output_tok",
                    "t11"."read_reasoning_tok",
                    "t11"."read_web_searches",
                    "t11"."included_tok",
                    "t11"."added_tok",
                    "t11"."output_has_reasoning",
                    "t11"."tier_1_tok",
                    "t11"."tier_2_tok",
                    "t11"."tier_3_tok",
                    "t11"."tier_4_tok",
                    "t11"."tier_5_tok",
                    "t11"."tier_6_tok",
                    "t11"."included_real",
                    "t11"."packed_segment",
                    "t11"."read_input_tok" - "t11"."included_tok" AS "input_tok",
                    COALESCE("t11"."read_cache_write_5m_tok", 0) AS "cache_write_5m_tok",
                    COALESCE("t11"."read_cache_write_1h_tok", 0) AS "cache_write_1h_tok",
                    COALESCE("t11"."read_cache_write_unknown_tok", 0) AS "cache_write_unknown_tok",
                    COALESCE("t11"."read_cache_read_tok", 0) AS "cache_read_tok",
                    "t11"."read_output_tok" + "t11"."added_tok" AS "output_tok",
                    COALESCE("t11"."read_reasoning_tok", 0) AS "reasoning_tok",
                    COALESCE("t11"."read_web_searches", 0) AS "web_searches",
                    (
                      "t11"."read_input_tok" - "t11"."included_tok"
                    ) + COALESCE("t11"."read_cache_write_5m_tok", 0) + COALESCE("t11"."read_cache_write_1h_tok", 0) + COALESCE("t11"."read_cache_write_unknown_tok", 0) AS "new_tok",
                    (
                      "t11"."read_input_tok" - "t11"."included_tok"
                    ) + COALESCE("t11"."read_cache_write_5m_tok", 0) + COALESCE("t11"."read_cache_write_1h_tok", 0) + COALESCE("t11"."read_cache_write_unknown_tok", 0) + COALESCE("t11"."read_cache_read_tok", 0) AS "prompt_tok"
                  FROM (
                    SELECT
                      "t10"."place",
                      "t10"."request_id",
                      "t10"."grouped",
                      "t10"."log_model",
                      "t10"."mode",
                      "t10"."geo",
                      "t10"."row_number",
                      "t10"."time_tick",
                      "t10"."slot",
                      "t10"."name_code",
                      "t10"."first_tick",
                      "t10"."before_tick",
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
                      "t10"."included_tok",
                      "t10"."added_tok",
                      "t10"."output_has_reasoning",
                      "t10"."tier_1_tok",
                      "t10"."tier_2_tok",
                      "t10"."tier_3_tok",
                      "t10"."tier_4_tok",
                      "t10"."tier_5_tok",
                      "t10"."tier_6_tok",
                      "t10"."included_real",
                      "t8"."packed_segment"
                    FROM (
                      SELECT
                        *
                      FROM "source" AS "t3"
                      WHERE
                        "t3"."no_zone" = 0
                        AND "t3"."not_whole" = 0
                        AND "t3"."read_input_tok" BETWEEN 0 AND 1000000000
                        AND (
                          (
                            "t3"."read_cache_write_5m_tok" IS NULL
                          )
                          OR "t3"."read_cache_write_5m_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          (
                            "t3"."read_cache_write_1h_tok" IS NULL
                          )
                          OR "t3"."read_cache_write_1h_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          (
                            "t3"."read_cache_write_unknown_tok" IS NULL
                          )
                          OR "t3"."read_cache_write_unknown_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          (
                            "t3"."read_cache_read_tok" IS NULL
                          )
                          OR "t3"."read_cache_read_tok" BETWEEN 0 AND 1000000000
                        )
                        AND "t3"."read_output_tok" BETWEEN 0 AND 1000000000
                        AND (
                          (
                            "t3"."read_reasoning_tok" IS NULL
                          )
                          OR "t3"."read_reasoning_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          (
                            "t3"."read_web_searches" IS NULL
                          )
                          OR "t3"."read_web_searches" BETWEEN 0 AND 1000000000
                        )
                        AND "t3"."included_real" <= CAST("t3"."read_input_tok" AS DOUBLE)
                        AND (
                          (
                            "t3"."output_has_reasoning" = 0
                          )
                          OR (
                            "t3"."read_reasoning_tok" IS NULL
                          )
                          OR (
                            "t3"."read_reasoning_tok" <= "t3"."read_output_tok"
                          )
                        )
                    ) AS "t10"
                    INNER JOIN "calendar" AS "t8"
                      ON "t10"."slot" = "t8"."slot"
                  ) AS "t11"
                ) AS "t12"
              ) AS "t13"
              GROUP BY
                1,
                2
            ) AS "t14"
          ) AS "t16"
          INNER JOIN "epoch_of" AS "t7"
            ON "t16"."name_code" = "t7"."name_code"
        ) AS "t17"
        WHERE
          "t17"."segment" >= "t17"."from_segment"
          AND "t17"."segment" < "t17"."before_segment"
      ) AS "t19"
      INNER JOIN "price" AS "t5"
        ON "t19"."price_epoch" = "t5"."price_epoch"
      INNER JOIN "segment" AS "t6"
        ON "t19"."segment" = "t6"."segment"
    ) AS "t20"
  ) AS "t21"
  GROUP BY
    1,
    2,
    3,
    4,
    5,
    6
) AS "t22"
