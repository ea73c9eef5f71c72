SELECT
  "t2"."fault" AS "fault",
  "t2"."place" AS "place",
  COUNT(*) AS "requests",
  MIN("t2"."row_number") AS "first_row",
  MIN("t2"."request_id") AS "first_id"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t0"."place" AS "place",
      "t0"."request_id" AS "request_id",
      "t0"."grouped" AS "grouped",
      "t0"."log_model" AS "log_model",
      "t0"."mode" AS "mode",
      "t0"."geo" AS "geo",
      "t0"."row_number" AS "row_number",
      "t0"."time_tick" AS "time_tick",
      "t0"."slot" AS "slot",
      "t0"."name_code" AS "name_code",
      "t0"."first_tick" AS "first_tick",
      "t0"."before_tick" AS "before_tick",
      "t0"."no_zone" AS "no_zone",
      "t0"."not_whole" AS "not_whole",
      "t0"."read_input_tok" AS "read_input_tok",
      "t0"."read_cache_write_5m_tok" AS "read_cache_write_5m_tok",
      "t0"."read_cache_write_1h_tok" AS "read_cache_write_1h_tok",
      "t0"."read_cache_write_unknown_tok" AS "read_cache_write_unknown_tok",
      "t0"."read_cache_read_tok" AS "read_cache_read_tok",
      "t0"."read_output_tok" AS "read_output_tok",
      "t0"."read_reasoning_tok" AS "read_reasoning_tok",
      "t0"."read_web_searches" AS "read_web_searches",
      "t0"."included_tok" AS "included_tok",
      "t0"."added_tok" AS "added_tok",
      "t0"."output_has_reasoning" AS "output_has_reasoning",
      "t0"."tier_1_tok" AS "tier_1_tok",
      "t0"."tier_2_tok" AS "tier_2_tok",
      "t0"."tier_3_tok" AS "tier_3_tok",
      "t0"."tier_4_tok" AS "tier_4_tok",
      "t0"."tier_5_tok" AS "tier_5_tok",
      "t0"."tier_6_tok" AS "tier_6_tok",
      "t0"."included_real" AS "included_real",
      CAST(CASE
        WHEN isNull("t0"."time_tick")
        THEN 1
        WHEN "t0"."no_zone" <> 0
        THEN 2
        WHEN (
          "t0"."time_tick" < "t0"."first_tick"
        )
        OR (
          "t0"."time_tick" >= "t0"."before_tick"
        )
        THEN 3
        WHEN isNull("t0"."log_model") OR (
          "t0"."log_model" = ''
        )
        THEN 4
        WHEN "t0"."not_whole" <> 0
        THEN 5
        WHEN LEAST(
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_input_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_input_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_5m_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_5m_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_1h_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_1h_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_unknown_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_unknown_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_read_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_read_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_output_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_output_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_reasoning_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_reasoning_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_web_searches", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_web_searches", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
              END
            )
          END
        ) < 0
        THEN 6
        WHEN isNull("t0"."read_input_tok") OR isNull("t0"."read_output_tok")
        THEN 7
        WHEN GREATEST(
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_input_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_input_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_5m_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_5m_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_1h_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_1h_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_unknown_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_write_unknown_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_read_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_cache_read_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_output_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_output_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_reasoning_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_reasoning_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
          END,
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_web_searches", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_web_searches", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
              END
            )
          END
        ) > 1000000000
        THEN 8
        WHEN "t0"."included_real" > CAST("t0"."read_input_tok" AS Nullable(Float64))
        THEN 9
        WHEN (
          "t0"."output_has_reasoning" <> 0
        )
        AND (
          CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_reasoning_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_reasoning_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
          END > CASE
            WHEN isNull(
              CASE
                WHEN isNull(COALESCE("t0"."read_output_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
            THEN NULL
            ELSE GREATEST(
              -1,
              CASE
                WHEN isNull(COALESCE("t0"."read_output_tok", 0))
                THEN NULL
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
          END
        )
        THEN 10
        ELSE 0
      END AS Nullable(Int64)) AS "fault"
    FROM "source" AS "t0"
  ) AS "t1"
  WHERE
    "t1"."fault" <> 0
) AS "t2"
GROUP BY
  "t2"."fault",
  "t2"."place"
