SELECT
  "t22"."grouped" AS "grouped",
  "t22"."key" AS "key",
  "t22"."month" AS "month",
  "t22"."model" AS "model",
  "t22"."priced" AS "priced",
  "t22"."note_epoch" AS "note_epoch",
  -1 AS "context_bucket",
  "t22"."requests" AS "requests",
  "t22"."input_tok" AS "input_tok",
  "t22"."cache_write_5m_tok" AS "cache_write_5m_tok",
  "t22"."cache_write_1h_tok" AS "cache_write_1h_tok",
  "t22"."cache_write_unknown_tok" AS "cache_write_unknown_tok",
  "t22"."cache_read_tok" AS "cache_read_tok",
  "t22"."output_tok" AS "output_tok",
  "t22"."reasoning_tok" AS "reasoning_tok",
  "t22"."web_searches" AS "web_searches",
  "t22"."input_pico_usd" AS "input_pico_usd",
  "t22"."cache_write_5m_pico_usd" AS "cache_write_5m_pico_usd",
  "t22"."cache_write_1h_pico_usd" AS "cache_write_1h_pico_usd",
  "t22"."cache_write_unknown_pico_usd" AS "cache_write_unknown_pico_usd",
  "t22"."cache_read_pico_usd" AS "cache_read_pico_usd",
  "t22"."output_pico_usd" AS "output_pico_usd",
  "t22"."cache_write_unknown_max_pico_usd" AS "cache_write_unknown_max_pico_usd",
  "t22"."tools_pico_usd" AS "tools_pico_usd",
  "t22"."output_ctx_tok2" AS "output_ctx_tok2",
  "t22"."new_ctx_tok2" AS "new_ctx_tok2",
  "t22"."first_tick" AS "first_tick",
  "t22"."last_tick" AS "last_tick"
FROM (
  SELECT
    "t21"."grouped" AS "grouped",
    "t21"."key" AS "key",
    "t21"."month" AS "month",
    "t21"."model" AS "model",
    "t21"."priced" AS "priced",
    "t21"."note_epoch" AS "note_epoch",
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
      "t20"."grouped" AS "grouped",
      "t20"."packed" AS "packed",
      "t20"."requests" AS "requests",
      "t20"."input_tok" AS "input_tok",
      "t20"."cache_write_5m_tok" AS "cache_write_5m_tok",
      "t20"."cache_write_1h_tok" AS "cache_write_1h_tok",
      "t20"."cache_write_unknown_tok" AS "cache_write_unknown_tok",
      "t20"."cache_read_tok" AS "cache_read_tok",
      "t20"."output_tok" AS "output_tok",
      "t20"."reasoning_tok" AS "reasoning_tok",
      "t20"."web_searches" AS "web_searches",
      "t20"."output_ctx_tok2" AS "output_ctx_tok2",
      "t20"."new_ctx_tok2" AS "new_ctx_tok2",
      "t20"."first_tick" AS "first_tick",
      "t20"."last_tick" AS "last_tick",
      "t20"."name_code" AS "name_code",
      "t20"."segment" AS "segment",
      "t20"."log2_bucket" AS "log2_bucket",
      "t20"."tier" AS "tier",
      "t20"."from_segment" AS "from_segment",
      "t20"."before_segment" AS "before_segment",
      "t20"."price_epoch" AS "price_epoch",
      "t20"."noted" AS "noted",
      "t20"."long_from_tier" AS "long_from_tier",
      "t20"."model" AS "model",
      "t20"."priced" AS "priced",
      "t20"."long_above_tok" AS "long_above_tok",
      "t20"."web_search_pico_usd" AS "web_search_pico_usd",
      "t20"."input_pico_usd_per_tok" AS "input_pico_usd_per_tok",
      "t20"."cache_write_5m_pico_usd_per_tok" AS "cache_write_5m_pico_usd_per_tok",
      "t20"."cache_write_1h_pico_usd_per_tok" AS "cache_write_1h_pico_usd_per_tok",
      "t20"."cache_write_unknown_pico_usd_per_tok" AS "cache_write_unknown_pico_usd_per_tok",
      "t20"."cache_read_pico_usd_per_tok" AS "cache_read_pico_usd_per_tok",
      "t20"."output_pico_usd_per_tok" AS "output_pico_usd_per_tok",
      "t20"."cache_write_unknown_max_pico_usd_per_tok" AS "cache_write_unknown_max_pico_usd_per_tok",
      "t20"."long_input_pico_usd_per_tok" AS "long_input_pico_usd_per_tok",
      "t20"."long_cache_write_5m_pico_usd_per_tok" AS "long_cache_write_5m_pico_usd_per_tok",
      "t20"."long_cache_write_1h_pico_usd_per_tok" AS "long_cache_write_1h_pico_usd_per_tok",
      "t20"."long_cache_write_unknown_pico_usd_per_tok" AS "long_cache_write_unknown_pico_usd_per_tok",
      "t20"."long_cache_read_pico_usd_per_tok" AS "long_cache_read_pico_usd_per_tok",
      "t20"."long_output_pico_usd_per_tok" AS "long_output_pico_usd_per_tok",
      "t20"."long_cache_write_unknown_max_pico_usd_per_tok" AS "long_cache_write_unknown_max_pico_usd_per_tok",
      "t20"."key" AS "key",
      "t20"."month" AS "month",
      CAST("t20"."input_tok" AS Nullable(Decimal(19, 0))) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_input_pico_usd_per_tok"
        ELSE "t20"."input_pico_usd_per_tok"
      END AS Nullable(Decimal(19, 0))) AS "input_pico_usd",
      CAST("t20"."cache_write_5m_tok" AS Nullable(Decimal(19, 0))) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_5m_pico_usd_per_tok"
        ELSE "t20"."cache_write_5m_pico_usd_per_tok"
      END AS Nullable(Decimal(19, 0))) AS "cache_write_5m_pico_usd",
      CAST("t20"."cache_write_1h_tok" AS Nullable(Decimal(19, 0))) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_1h_pico_usd_per_tok"
        ELSE "t20"."cache_write_1h_pico_usd_per_tok"
      END AS Nullable(Decimal(19, 0))) AS "cache_write_1h_pico_usd",
      CAST("t20"."cache_write_unknown_tok" AS Nullable(Decimal(19, 0))) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_unknown_pico_usd_per_tok"
        ELSE "t20"."cache_write_unknown_pico_usd_per_tok"
      END AS Nullable(Decimal(19, 0))) AS "cache_write_unknown_pico_usd",
      CAST("t20"."cache_read_tok" AS Nullable(Decimal(19, 0))) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_read_pico_usd_per_tok"
        ELSE "t20"."cache_read_pico_usd_per_tok"
      END AS Nullable(Decimal(19, 0))) AS "cache_read_pico_usd",
      CAST("t20"."output_tok" AS Nullable(Decimal(19, 0))) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_output_pico_usd_per_tok"
        ELSE "t20"."output_pico_usd_per_tok"
      END AS Nullable(Decimal(19, 0))) AS "output_pico_usd",
      CAST("t20"."cache_write_unknown_tok" AS Nullable(Decimal(19, 0))) * CAST(CASE
        WHEN "t20"."tier" >= "t20"."long_from_tier"
        THEN "t20"."long_cache_write_unknown_max_pico_usd_per_tok"
        ELSE "t20"."cache_write_unknown_max_pico_usd_per_tok"
      END AS Nullable(Decimal(19, 0))) AS "cache_write_unknown_max_pico_usd",
      CAST("t20"."web_searches" AS Nullable(Decimal(19, 0))) * CAST("t20"."web_search_pico_usd" AS Nullable(Decimal(19, 0))) AS "tools_pico_usd",
      GREATEST("t20"."log2_bucket" - 1, 0) AS "context_bucket",
      CASE WHEN "t20"."noted" <> 0 THEN "t20"."price_epoch" ELSE -1 END AS "note_epoch"
    FROM (
      SELECT
        "t19"."grouped" AS "grouped",
        "t19"."packed" AS "packed",
        "t19"."requests" AS "requests",
        "t19"."input_tok" AS "input_tok",
        "t19"."cache_write_5m_tok" AS "cache_write_5m_tok",
        "t19"."cache_write_1h_tok" AS "cache_write_1h_tok",
        "t19"."cache_write_unknown_tok" AS "cache_write_unknown_tok",
        "t19"."cache_read_tok" AS "cache_read_tok",
        "t19"."output_tok" AS "output_tok",
        "t19"."reasoning_tok" AS "reasoning_tok",
        "t19"."web_searches" AS "web_searches",
        "t19"."output_ctx_tok2" AS "output_ctx_tok2",
        "t19"."new_ctx_tok2" AS "new_ctx_tok2",
        "t19"."first_tick" AS "first_tick",
        "t19"."last_tick" AS "last_tick",
        "t19"."name_code" AS "name_code",
        "t19"."segment" AS "segment",
        "t19"."log2_bucket" AS "log2_bucket",
        "t19"."tier" AS "tier",
        "t19"."from_segment" AS "from_segment",
        "t19"."before_segment" AS "before_segment",
        "t19"."price_epoch" AS "price_epoch",
        "t19"."noted" AS "noted",
        "t19"."long_from_tier" AS "long_from_tier",
        "t5"."model" AS "model",
        "t5"."priced" AS "priced",
        "t5"."long_above_tok" AS "long_above_tok",
        "t5"."web_search_pico_usd" AS "web_search_pico_usd",
        "t5"."input_pico_usd_per_tok" AS "input_pico_usd_per_tok",
        "t5"."cache_write_5m_pico_usd_per_tok" AS "cache_write_5m_pico_usd_per_tok",
        "t5"."cache_write_1h_pico_usd_per_tok" AS "cache_write_1h_pico_usd_per_tok",
        "t5"."cache_write_unknown_pico_usd_per_tok" AS "cache_write_unknown_pico_usd_per_tok",
        "t5"."cache_read_pico_usd_per_tok" AS "cache_read_pico_usd_per_tok",
        "t5"."output_pico_usd_per_tok" AS "output_pico_usd_per_tok",
        "t5"."cache_write_unknown_max_pico_usd_per_tok" AS "cache_write_unknown_max_pico_usd_per_tok",
        "t5"."long_input_pico_usd_per_tok" AS "long_input_pico_usd_per_tok",
        "t5"."long_cache_write_5m_pico_usd_per_tok" AS "long_cache_write_5m_pico_usd_per_tok",
        "t5"."long_cache_write_1h_pico_usd_per_tok" AS "long_cache_write_1h_pico_usd_per_tok",
        "t5"."long_cache_write_unknown_pico_usd_per_tok" AS "long_cache_write_unknown_pico_usd_per_tok",
        "t5"."long_cache_read_pico_usd_per_tok" AS "long_cache_read_pico_usd_per_tok",
        "t5"."long_output_pico_usd_per_tok" AS "long_output_pico_usd_per_tok",
        "t5"."long_cache_write_unknown_max_pico_usd_per_tok" AS "long_cache_write_unknown_max_pico_usd_per_tok",
        "t6"."key" AS "key",
        "t6"."month" AS "month"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t16"."grouped" AS "grouped",
            "t16"."packed" AS "packed",
            "t16"."requests" AS "requests",
            "t16"."input_tok" AS "input_tok",
            "t16"."cache_write_5m_tok" AS "cache_write_5m_tok",
            "t16"."cache_write_1h_tok" AS "cache_write_1h_tok",
            "t16"."cache_write_unknown_tok" AS "cache_write_unknown_tok",
            "t16"."cache_read_tok" AS "cache_read_tok",
            "t16"."output_tok" AS "output_tok",
            "t16"."reasoning_tok" AS "reasoning_tok",
            "t16"."web_searches" AS "web_searches",
            "t16"."output_ctx_tok2" AS "output_ctx_tok2",
            "t16"."new_ctx_tok2" AS "new_ctx_tok2",
            "t16"."first_tick" AS "first_tick",
            "t16"."last_tick" AS "last_tick",
            "t16"."name_code" AS "name_code",
            "t16"."segment" AS "segment",
            "t16"."log2_bucket" AS "log2_bucket",
            "t16"."tier" AS "tier",
            "t7"."from_segment" AS "from_segment",
            "t7"."before_segment" AS "before_segment",
            "t7"."price_epoch" AS "price_epoch",
            "t7"."noted" AS "noted",
            "t7"."long_from_tier" AS "long_from_tier"
          FROM (
            SELECT
              "t14"."grouped" AS "grouped",
              "t14"."packed" AS "packed",
              "t14"."requests" AS "requests",
              "t14"."input_tok" AS "input_tok",
              "t14"."cache_write_5m_tok" AS "cache_write_5m_tok",
              "t14"."cache_write_1h_tok" AS "cache_write_1h_tok",
              "t14"."cache_write_unknown_tok" AS "cache_write_unknown_tok",
              "t14"."cache_read_tok" AS "cache_read_tok",
              "t14"."output_tok" AS "output_tok",
              "t14"."reasoning_tok" AS "reasoning_tok",
              "t14"."web_searches" AS "web_searches",
              "t14"."output_ctx_tok2" AS "output_ctx_tok2",
              "t14"."new_ctx_tok2" AS "new_ctx_tok2",
              "t14"."first_tick" AS "first_tick",
              "t14"."last_tick" AS "last_tick",
              bitShiftRight(CAST("t14"."packed" AS Nullable(Int64)), CAST(29 AS Nullable(Int64))) AS "name_code",
              bitAnd(
                bitShiftRight(CAST("t14"."packed" AS Nullable(Int64)), CAST(9 AS Nullable(Int64))),
                1048575
              ) AS "segment",
              bitAnd(
                bitShiftRight(CAST("t14"."packed" AS Nullable(Int64)), CAST(3 AS Nullable(Int64))),
                63
              ) AS "log2_bucket",
              bitAnd("t14"."packed", 7) AS "tier"
            FROM (
              SELECT
                "t13"."grouped" AS "grouped",
                "t13"."packed" AS "packed",
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
                  "t12"."place" AS "place",
                  "t12"."request_id" AS "request_id",
                  COALESCE("t12"."grouped", '') AS "grouped",
                  "t12"."log_model" AS "log_model",
                  "t12"."mode" AS "mode",
                  "t12"."geo" AS "geo",
                  "t12"."row_number" AS "row_number",
                  "t12"."time_tick" AS "time_tick",
                  "t12"."slot" AS "slot",
                  "t12"."name_code" AS "name_code",
                  "t12"."first_tick" AS "first_tick",
                  "t12"."before_tick" AS "before_tick",
                  "t12"."no_zone" AS "no_zone",
                  "t12"."not_whole" AS "not_whole",
                  "t12"."read_input_tok" AS "read_input_tok",
                  "t12"."read_cache_write_5m_tok" AS "read_cache_write_5m_tok",
                  "t12"."read_cache_write_1h_tok" AS "read_cache_write_1h_tok",
                  "t12"."read_cache_write_unknown_tok" AS "read_cache_write_unknown_tok",
                  "t12"."read_cache_read_tok" AS "read_cache_read_tok",
                  "t12"."read_output_tok" AS "read_output_tok",
                  "t12"."read_reasoning_tok" AS "read_reasoning_tok",
                  "t12"."read_web_searches" AS "read_web_searches",
                  "t12"."included_tok" AS "included_tok",
                  "t12"."added_tok" AS "added_tok",
                  "t12"."output_has_reasoning" AS "output_has_reasoning",
                  "t12"."tier_1_tok" AS "tier_1_tok",
                  "t12"."tier_2_tok" AS "tier_2_tok",
                  "t12"."tier_3_tok" AS "tier_3_tok",
                  "t12"."tier_4_tok" AS "tier_4_tok",
                  "t12"."tier_5_tok" AS "tier_5_tok",
                  "t12"."tier_6_tok" AS "tier_6_tok",
                  "t12"."included_real" AS "included_real",
                  "t12"."packed_segment" AS "packed_segment",
                  "t12"."input_tok" AS "input_tok",
                  "t12"."cache_write_5m_tok" AS "cache_write_5m_tok",
                  "t12"."cache_write_1h_tok" AS "cache_write_1h_tok",
                  "t12"."cache_write_unknown_tok" AS "cache_write_unknown_tok",
                  "t12"."cache_read_tok" AS "cache_read_tok",
                  "t12"."output_tok" AS "output_tok",
                  "t12"."reasoning_tok" AS "reasoning_tok",
                  "t12"."web_searches" AS "web_searches",
                  "t12"."new_tok" AS "new_tok",
                  "t12"."prompt_tok" AS "prompt_tok",
                  bitOr(
                    bitOr(bitOr("t12"."name_code" * 536870912, "t12"."packed_segment"), 0),
                    CAST(CASE
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
                    END AS Nullable(Int64))
                  ) AS "packed",
                  CAST("t12"."output_tok" AS Nullable(Float64)) * (
                    CAST("t12"."prompt_tok" AS Nullable(Float64)) + (
                      CAST("t12"."output_tok" AS Nullable(Float64)) * 0.5
                    )
                  ) AS "output_ctx_tok2",
                  CAST("t12"."new_tok" AS Nullable(Float64)) * (
                    CAST("t12"."cache_read_tok" AS Nullable(Float64)) + (
                      CAST("t12"."new_tok" AS Nullable(Float64)) * 0.5
                    )
                  ) AS "new_ctx_tok2"
                FROM (
                  SELECT
                    "t11"."place" AS "place",
                    "t11"."request_id" AS "request_id",
                    "t11"."grouped" AS "grouped",
                    "t11"."log_model" AS "log_model",
                    "t11"."mode" AS "mode",
                    "t11"."geo" AS "geo",
                    "t11"."row_number" AS "row_number",
                    "t11"."time_tick" AS "time_tick",
                    "t11"."slot" AS "slot",
                    "t11"."name_code" AS "name_code",
                    "t11"."first_tick" AS "first_tick",
                    "t11"."before_tick" AS "before_tick",
                    "t11"."no_zone" AS "no_zone",
                    "t11"."not_whole" AS "not_whole",
                    "t11"."read_input_tok" AS "read_input_tok",
                    "t11"."read_cache_write_5m_tok" AS "read_cache_write_5m_tok",
                    "t11"."read_cache_write_1h_tok" AS "read_cache_write_1h_tok",
                    "t11"."read_cache_write_unknown_tok" AS "read_cache_write_unknown_tok",
                    "t11"."read_cache_read_tok" AS "read_cache_read_tok",
                    "t11"."read_output_tok" AS "read_output_tok",
                    "t11"."read_reasoning_tok" AS "read_reasoning_tok",
                    "t11"."read_web_searches" AS "read_web_searches",
                    "t11"."included_tok" AS "included_tok",
                    "t11"."added_tok" AS "added_tok",
                    "t11"."output_has_reasoning" AS "output_has_reasoning",
                    "t11"."tier_1_tok" AS "tier_1_tok",
                    "t11"."tier_2_tok" AS "tier_2_tok",
                    "t11"."tier_3_tok" AS "tier_3_tok",
                    "t11"."tier_4_tok" AS "tier_4_tok",
                    "t11"."tier_5_tok" AS "tier_5_tok",
                    "t11"."tier_6_tok" AS "tier_6_tok",
                    "t11"."included_real" AS "included_real",
                    "t11"."packed_segment" AS "packed_segment",
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
                      "t10"."place" AS "place",
                      "t10"."request_id" AS "request_id",
                      "t10"."grouped" AS "grouped",
                      "t10"."log_model" AS "log_model",
                      "t10"."mode" AS "mode",
                      "t10"."geo" AS "geo",
                      "t10"."row_number" AS "row_number",
                      "t10"."time_tick" AS "time_tick",
                      "t10"."slot" AS "slot",
                      "t10"."name_code" AS "name_code",
                      "t10"."first_tick" AS "first_tick",
                      "t10"."before_tick" AS "before_tick",
                      "t10"."no_zone" AS "no_zone",
                      "t10"."not_whole" AS "not_whole",
                      "t10"."read_input_tok" AS "read_input_tok",
                      "t10"."read_cache_write_5m_tok" AS "read_cache_write_5m_tok",
                      "t10"."read_cache_write_1h_tok" AS "read_cache_write_1h_tok",
                      "t10"."read_cache_write_unknown_tok" AS "read_cache_write_unknown_tok",
                      "t10"."read_cache_read_tok" AS "read_cache_read_tok",
                      "t10"."read_output_tok" AS "read_output_tok",
                      "t10"."read_reasoning_tok" AS "read_reasoning_tok",
                      "t10"."read_web_searches" AS "read_web_searches",
                      "t10"."included_tok" AS "included_tok",
                      "t10"."added_tok" AS "added_tok",
                      "t10"."output_has_reasoning" AS "output_has_reasoning",
                      "t10"."tier_1_tok" AS "tier_1_tok",
                      "t10"."tier_2_tok" AS "tier_2_tok",
                      "t10"."tier_3_tok" AS "tier_3_tok",
                      "t10"."tier_4_tok" AS "tier_4_tok",
                      "t10"."tier_5_tok" AS "tier_5_tok",
                      "t10"."tier_6_tok" AS "tier_6_tok",
                      "t10"."included_real" AS "included_real",
                      "t8"."packed_segment" AS "packed_segment"
                    FROM (
                      SELECT
                        *
                      FROM "source" AS "t3"
                      WHERE
                        "t3"."no_zone" = 0
                        AND "t3"."not_whole" = 0
                        AND "t3"."read_input_tok" BETWEEN 0 AND 1000000000
                        AND (
                          isNull("t3"."read_cache_write_5m_tok")
                          OR "t3"."read_cache_write_5m_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          isNull("t3"."read_cache_write_1h_tok")
                          OR "t3"."read_cache_write_1h_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          isNull("t3"."read_cache_write_unknown_tok")
                          OR "t3"."read_cache_write_unknown_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          isNull("t3"."read_cache_read_tok")
                          OR "t3"."read_cache_read_tok" BETWEEN 0 AND 1000000000
                        )
                        AND "t3"."read_output_tok" BETWEEN 0 AND 1000000000
                        AND (
                          isNull("t3"."read_reasoning_tok")
                          OR "t3"."read_reasoning_tok" BETWEEN 0 AND 1000000000
                        )
                        AND (
                          isNull("t3"."read_web_searches")
                          OR "t3"."read_web_searches" BETWEEN 0 AND 1000000000
                        )
                        AND "t3"."included_real" <= CAST("t3"."read_input_tok" AS Nullable(Float64))
                        AND (
                          (
                            "t3"."output_has_reasoning" = 0
                          )
                          OR isNull("t3"."read_reasoning_tok")
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
                "t13"."grouped",
                "t13"."packed"
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
    "t21"."grouped",
    "t21"."key",
    "t21"."month",
    "t21"."model",
    "t21"."priced",
    "t21"."note_epoch"
) AS "t22"
