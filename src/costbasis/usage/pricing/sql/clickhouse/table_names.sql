SELECT
  "t0"."log_model" AS "log_model",
  "t0"."mode" AS "mode",
  "t0"."geo" AS "geo",
  COUNT(*) AS "requests"
FROM "source" AS "t0"
GROUP BY
  "t0"."log_model",
  "t0"."mode",
  "t0"."geo"
