SELECT
  `t0`.`log_model`,
  `t0`.`mode`,
  `t0`.`geo`,
  COUNT(*) AS `requests`
FROM `source` AS `t0`
GROUP BY
  1,
  2,
  3
