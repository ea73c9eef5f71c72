SELECT
  COUNT(*) AS `ids`,
  SUM(`t3`.`copies`) AS `copies`,
  MIN(`t3`.`request_id`) AS `first_id`
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t1`.`request_id`,
      COUNT(*) AS `copies`
    FROM (
      SELECT
        *
      FROM `source` AS `t0`
      WHERE
        `t0`.`request_id` IS NOT NULL
    ) AS `t1`
    GROUP BY
      1
  ) AS `t2`
  WHERE
    `t2`.`copies` > 1
) AS `t3`
