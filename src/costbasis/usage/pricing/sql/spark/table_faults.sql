SELECT
  `t7`.`fault`,
  `t7`.`place`,
  COUNT(*) AS `requests`,
  MIN(`t7`.`row_number`) AS `first_row`,
  MIN(`t7`.`request_id`) AS `first_id`
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t5`.`place`,
      `t5`.`request_id`,
      `t5`.`grouped`,
      `t5`.`log_model`,
      `t5`.`mode`,
      `t5`.`geo`,
      `t5`.`row_number`,
      `t5`.`time_s`,
      `t5`.`no_zone`,
      `t5`.`not_whole`,
      `t5`.`read_input_tok`,
      `t5`.`read_cache_write_5m_tok`,
      `t5`.`read_cache_write_1h_tok`,
      `t5`.`read_cache_write_unknown_tok`,
      `t5`.`read_cache_read_tok`,
      `t5`.`read_output_tok`,
      `t5`.`read_reasoning_tok`,
      `t5`.`read_web_searches`,
      `t5`.`slot_s`,
      `t5`.`first_s`,
      `t5`.`before_s`,
      `t5`.`tok_per_unit`,
      `t5`.`most_tok`,
      `t5`.`input_has_cache_write_5m`,
      `t5`.`input_has_cache_write_1h`,
      `t5`.`input_has_cache_write_unknown`,
      `t5`.`input_has_cache_read`,
      `t5`.`output_has_reasoning`,
      `t5`.`tier_1_tok`,
      `t5`.`tier_2_tok`,
      `t5`.`tier_3_tok`,
      `t5`.`tier_4_tok`,
      `t5`.`tier_5_tok`,
      `t5`.`tier_6_tok`,
      `t5`.`told_input`,
      `t5`.`told_cache_write_5m`,
      `t5`.`told_cache_write_1h`,
      `t5`.`told_cache_write_unknown`,
      `t5`.`told_cache_read`,
      `t5`.`told_output`,
      `t5`.`told_reasoning`,
      `t5`.`web_searches`,
      CAST(CASE
        WHEN `t5`.`time_s` IS NULL
        THEN 1
        WHEN `t5`.`no_zone` <> 0
        THEN 2
        WHEN (
          `t5`.`time_s` < `t5`.`first_s`
        ) OR (
          `t5`.`time_s` >= `t5`.`before_s`
        )
        THEN 3
        WHEN `t5`.`log_model` = ''
        THEN 4
        WHEN `t5`.`not_whole` <> 0
        THEN 5
        WHEN LEAST(
          `t5`.`told_input`,
          `t5`.`told_cache_write_5m`,
          `t5`.`told_cache_write_1h`,
          `t5`.`told_cache_write_unknown`,
          `t5`.`told_cache_read`,
          `t5`.`told_output`,
          `t5`.`told_reasoning`,
          `t5`.`web_searches`
        ) < 0
        THEN 6
        WHEN (
          `t5`.`read_input_tok` IS NULL
        ) OR (
          `t5`.`read_output_tok` IS NULL
        )
        THEN 7
        WHEN GREATEST(
          `t5`.`told_input`,
          `t5`.`told_cache_write_5m`,
          `t5`.`told_cache_write_1h`,
          `t5`.`told_cache_write_unknown`,
          `t5`.`told_cache_read`,
          `t5`.`told_output`,
          `t5`.`told_reasoning`,
          `t5`.`web_searches`
        ) > `t5`.`most_tok`
        THEN 8
        WHEN (
          0 + (
            `t5`.`told_cache_write_5m` * `t5`.`input_has_cache_write_5m`
          ) + (
            `t5`.`told_cache_write_1h` * `t5`.`input_has_cache_write_1h`
          ) + (
            `t5`.`told_cache_write_unknown` * `t5`.`input_has_cache_write_unknown`
          ) + (
            `t5`.`told_cache_read` * `t5`.`input_has_cache_read`
          )
        ) > `t5`.`told_input`
        THEN 9
        WHEN (
          `t5`.`output_has_reasoning` <> 0
        )
        AND (
          `t5`.`told_reasoning` > `t5`.`told_output`
        )
        THEN 10
        ELSE 0
      END AS BIGINT) AS `fault`,
      CAST(FLOOR((
        `t5`.`time_s`
      ) / (
        `t5`.`slot_s`
      )) AS BIGINT) AS `slot`,
      `t5`.`told_input` - (
        0 + (
          `t5`.`told_cache_write_5m` * `t5`.`input_has_cache_write_5m`
        ) + (
          `t5`.`told_cache_write_1h` * `t5`.`input_has_cache_write_1h`
        ) + (
          `t5`.`told_cache_write_unknown` * `t5`.`input_has_cache_write_unknown`
        ) + (
          `t5`.`told_cache_read` * `t5`.`input_has_cache_read`
        )
      ) AS `input_tok`,
      `t5`.`told_cache_write_5m` AS `cache_write_5m_tok`,
      `t5`.`told_cache_write_1h` AS `cache_write_1h_tok`,
      `t5`.`told_cache_write_unknown` AS `cache_write_unknown_tok`,
      `t5`.`told_cache_read` AS `cache_read_tok`,
      `t5`.`told_output` + (
        `t5`.`told_reasoning` * (
          1 - `t5`.`output_has_reasoning`
        )
      ) AS `output_tok`,
      `t5`.`told_reasoning` AS `reasoning_tok`
    FROM (
      SELECT
        `t4`.`place`,
        `t4`.`request_id`,
        `t4`.`grouped`,
        `t4`.`log_model`,
        `t4`.`mode`,
        `t4`.`geo`,
        `t4`.`row_number`,
        `t4`.`time_s`,
        `t4`.`no_zone`,
        `t4`.`not_whole`,
        `t4`.`read_input_tok`,
        `t4`.`read_cache_write_5m_tok`,
        `t4`.`read_cache_write_1h_tok`,
        `t4`.`read_cache_write_unknown_tok`,
        `t4`.`read_cache_read_tok`,
        `t4`.`read_output_tok`,
        `t4`.`read_reasoning_tok`,
        `t4`.`read_web_searches`,
        `t4`.`slot_s`,
        `t4`.`first_s`,
        `t4`.`before_s`,
        `t4`.`tok_per_unit`,
        `t4`.`most_tok`,
        `t4`.`input_has_cache_write_5m`,
        `t4`.`input_has_cache_write_1h`,
        `t4`.`input_has_cache_write_unknown`,
        `t4`.`input_has_cache_read`,
        `t4`.`output_has_reasoning`,
        `t4`.`tier_1_tok`,
        `t4`.`tier_2_tok`,
        `t4`.`tier_3_tok`,
        `t4`.`tier_4_tok`,
        `t4`.`tier_5_tok`,
        `t4`.`tier_6_tok`,
        IF(
          IF(
            COALESCE(`t4`.`read_input_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_input_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_input_tok`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_input_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_input_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_input_tok`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_input_tok`, 0) IS NULL,
              COALESCE(`t4`.`read_input_tok`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_input_tok`, 0))
            )
          )
        ) * `t4`.`tok_per_unit` AS `told_input`,
        IF(
          IF(
            COALESCE(`t4`.`read_cache_write_5m_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_write_5m_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_write_5m_tok`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_cache_write_5m_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_write_5m_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_write_5m_tok`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_cache_write_5m_tok`, 0) IS NULL,
              COALESCE(`t4`.`read_cache_write_5m_tok`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_cache_write_5m_tok`, 0))
            )
          )
        ) * `t4`.`tok_per_unit` AS `told_cache_write_5m`,
        IF(
          IF(
            COALESCE(`t4`.`read_cache_write_1h_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_write_1h_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_write_1h_tok`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_cache_write_1h_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_write_1h_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_write_1h_tok`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_cache_write_1h_tok`, 0) IS NULL,
              COALESCE(`t4`.`read_cache_write_1h_tok`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_cache_write_1h_tok`, 0))
            )
          )
        ) * `t4`.`tok_per_unit` AS `told_cache_write_1h`,
        IF(
          IF(
            COALESCE(`t4`.`read_cache_write_unknown_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_write_unknown_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_write_unknown_tok`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_cache_write_unknown_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_write_unknown_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_write_unknown_tok`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_cache_write_unknown_tok`, 0) IS NULL,
              COALESCE(`t4`.`read_cache_write_unknown_tok`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_cache_write_unknown_tok`, 0))
            )
          )
        ) * `t4`.`tok_per_unit` AS `told_cache_write_unknown`,
        IF(
          IF(
            COALESCE(`t4`.`read_cache_read_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_read_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_read_tok`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_cache_read_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_cache_read_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_cache_read_tok`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_cache_read_tok`, 0) IS NULL,
              COALESCE(`t4`.`read_cache_read_tok`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_cache_read_tok`, 0))
            )
          )
        ) * `t4`.`tok_per_unit` AS `told_cache_read`,
        IF(
          IF(
            COALESCE(`t4`.`read_output_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_output_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_output_tok`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_output_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_output_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_output_tok`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_output_tok`, 0) IS NULL,
              COALESCE(`t4`.`read_output_tok`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_output_tok`, 0))
            )
          )
        ) * `t4`.`tok_per_unit` AS `told_output`,
        IF(
          IF(
            COALESCE(`t4`.`read_reasoning_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_reasoning_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_reasoning_tok`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_reasoning_tok`, 0) IS NULL,
            COALESCE(`t4`.`read_reasoning_tok`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_reasoning_tok`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_reasoning_tok`, 0) IS NULL,
              COALESCE(`t4`.`read_reasoning_tok`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_reasoning_tok`, 0))
            )
          )
        ) * `t4`.`tok_per_unit` AS `told_reasoning`,
        IF(
          IF(
            COALESCE(`t4`.`read_web_searches`, 0) IS NULL,
            COALESCE(`t4`.`read_web_searches`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_web_searches`, 0))
          ) IS NULL,
          IF(
            COALESCE(`t4`.`read_web_searches`, 0) IS NULL,
            COALESCE(`t4`.`read_web_searches`, 0),
            LEAST(4000000000, COALESCE(`t4`.`read_web_searches`, 0))
          ),
          GREATEST(
            -1,
            IF(
              COALESCE(`t4`.`read_web_searches`, 0) IS NULL,
              COALESCE(`t4`.`read_web_searches`, 0),
              LEAST(4000000000, COALESCE(`t4`.`read_web_searches`, 0))
            )
          )
        ) AS `web_searches`
      FROM (
        SELECT
          `t2`.`place`,
          `t2`.`request_id`,
          `t2`.`grouped`,
          `t2`.`log_model`,
          `t2`.`mode`,
          `t2`.`geo`,
          `t2`.`row_number`,
          `t2`.`time_s`,
          `t2`.`no_zone`,
          `t2`.`not_whole`,
          `t2`.`read_input_tok`,
          `t2`.`read_cache_write_5m_tok`,
          `t2`.`read_cache_write_1h_tok`,
          `t2`.`read_cache_write_unknown_tok`,
          `t2`.`read_cache_read_tok`,
          `t2`.`read_output_tok`,
          `t2`.`read_reasoning_tok`,
          `t2`.`read_web_searches`,
          `t3`.`slot_s`,
          `t3`.`first_s`,
          `t3`.`before_s`,
          `t3`.`tok_per_unit`,
          `t3`.`most_tok`,
          `t3`.`input_has_cache_write_5m`,
          `t3`.`input_has_cache_write_1h`,
          `t3`.`input_has_cache_write_unknown`,
          `t3`.`input_has_cache_read`,
          `t3`.`output_has_reasoning`,
          `t3`.`tier_1_tok`,
          `t3`.`tier_2_tok`,
          `t3`.`tier_3_tok`,
          `t3`.`tier_4_tok`,
          `t3`.`tier_5_tok`,
          `t3`.`tier_6_tok`
        FROM `source` AS `t2`
        CROSS JOIN `setting` AS `t3`
      ) AS `t4`
    ) AS `t5`
  ) AS `t6`
  WHERE
    `t6`.`fault` <> 0
) AS `t7`
GROUP BY
  1,
  2
