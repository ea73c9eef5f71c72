SELECT
  "t2"."fault",
  "t2"."place",
  COUNT(*) AS "requests",
  MIN("t2"."row_number") AS "first_row",
  MIN("t2"."request_id") AS "first_id"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t0"."place",
      "t0"."request_id",
      "t0"."grouped",
      "t0"."log_model",
      "t0"."mode",
      "t0"."geo",
      "t0"."row_number",
      "t0"."time_tick",
      "t0"."slot",
      "t0"."name_code",
      "t0"."first_tick",
      "t0"."before_tick",
      "t0"."no_zone",
      "t0"."not_whole",
      "t0"."read_input_tok",
      "t0"."read_cache_write_5m_tok",
      "t0"."read_cache_write_1h_tok",
      "t0"."read_cache_write_unknown_tok",
      "t0"."read_cache_read_tok",
      "t0"."read_output_tok",
      "t0"."read_reasoning_tok",
      "t0"."read_web_searches",
      "t0"."included_tok",
      "t0"."added_tok",
      "t0"."output_has_reasoning",
      "t0"."tier_1_tok",
      "t0"."tier_2_tok",
      "t0"."tier_3_tok",
      "t0"."tier_4_tok",
      "t0"."tier_5_tok",
      "t0"."tier_6_tok",
      "t0"."included_real",
      CAST(CASE
        WHEN "t0"."time_tick" IS NULL
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
        WHEN (
          "t0"."log_model" IS NULL
        ) OR (
          "t0"."log_model" = ''
        )
        THEN 4
        WHEN "t0"."not_whole" <> 0
        THEN 5
        WHEN LEAST(
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_input_tok", 0) IS NULL
              THEN COALESCE("t0"."read_input_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_input_tok", 0) IS NULL
              THEN COALESCE("t0"."read_input_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_input_tok", 0) IS NULL
                THEN COALESCE("t0"."read_input_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_write_5m_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_5m_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_write_5m_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_5m_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_write_5m_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_write_5m_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_write_1h_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_1h_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_write_1h_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_1h_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_write_1h_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_write_1h_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_write_unknown_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_unknown_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_write_unknown_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_unknown_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_write_unknown_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_write_unknown_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_read_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_read_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_read_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_read_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_read_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_read_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
              THEN COALESCE("t0"."read_output_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
              THEN COALESCE("t0"."read_output_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
                THEN COALESCE("t0"."read_output_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
              THEN COALESCE("t0"."read_reasoning_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
              THEN COALESCE("t0"."read_reasoning_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
                THEN COALESCE("t0"."read_reasoning_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_web_searches", 0) IS NULL
              THEN COALESCE("t0"."read_web_searches", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_web_searches", 0) IS NULL
              THEN COALESCE("t0"."read_web_searches", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_web_searches", 0) IS NULL
                THEN COALESCE("t0"."read_web_searches", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
              END
            )
          END
        ) < 0
        THEN 6
        WHEN (
          "t0"."read_input_tok" IS NULL
        ) OR (
          "t0"."read_output_tok" IS NULL
        )
        THEN 7
        WHEN GREATEST(
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_input_tok", 0) IS NULL
              THEN COALESCE("t0"."read_input_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_input_tok", 0) IS NULL
              THEN COALESCE("t0"."read_input_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_input_tok", 0) IS NULL
                THEN COALESCE("t0"."read_input_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_input_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_write_5m_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_5m_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_write_5m_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_5m_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_write_5m_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_write_5m_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_5m_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_write_1h_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_1h_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_write_1h_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_1h_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_write_1h_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_write_1h_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_1h_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_write_unknown_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_unknown_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_write_unknown_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_write_unknown_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_write_unknown_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_write_unknown_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_write_unknown_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_cache_read_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_read_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_cache_read_tok", 0) IS NULL
              THEN COALESCE("t0"."read_cache_read_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_cache_read_tok", 0) IS NULL
                THEN COALESCE("t0"."read_cache_read_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_cache_read_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
              THEN COALESCE("t0"."read_output_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
              THEN COALESCE("t0"."read_output_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
                THEN COALESCE("t0"."read_output_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
              THEN COALESCE("t0"."read_reasoning_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
              THEN COALESCE("t0"."read_reasoning_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
                THEN COALESCE("t0"."read_reasoning_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
          END,
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_web_searches", 0) IS NULL
              THEN COALESCE("t0"."read_web_searches", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_web_searches", 0) IS NULL
              THEN COALESCE("t0"."read_web_searches", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_web_searches", 0) IS NULL
                THEN COALESCE("t0"."read_web_searches", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_web_searches", 0))
              END
            )
          END
        ) > 1000000000
        THEN 8
        WHEN "t0"."included_real" > CAST("t0"."read_input_tok" AS DOUBLE)
        THEN 9
        WHEN (
          "t0"."output_has_reasoning" <> 0
        )
        AND (
          CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
              THEN COALESCE("t0"."read_reasoning_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
              THEN COALESCE("t0"."read_reasoning_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_reasoning_tok", 0) IS NULL
                THEN COALESCE("t0"."read_reasoning_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_reasoning_tok", 0))
              END
            )
          END > CASE
            WHEN CASE
              WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
              THEN COALESCE("t0"."read_output_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
            END IS NULL
            THEN CASE
              WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
              THEN COALESCE("t0"."read_output_tok", 0)
              ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
            END
            ELSE GREATEST(
              -1,
              CASE
                WHEN COALESCE("t0"."read_output_tok", 0) IS NULL
                THEN COALESCE("t0"."read_output_tok", 0)
                ELSE LEAST(4000000000, COALESCE("t0"."read_output_tok", 0))
              END
            )
          END
        )
        THEN 10
        ELSE 0
      END AS BIGINT) AS "fault"
    FROM "source" AS "t0"
  ) AS "t1"
  WHERE
    "t1"."fault" <> 0
) AS "t2"
GROUP BY
  1,
  2
