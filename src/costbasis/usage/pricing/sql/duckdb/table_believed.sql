SELECT
  MIN("t1"."time_tick") AS "first_tick",
  MAX("t1"."time_tick") AS "last_tick"
FROM (
  SELECT
    *
  FROM "source" AS "t0"
  WHERE
    "t0"."time_tick" >= "t0"."first_tick" AND "t0"."time_tick" < "t0"."before_tick"
) AS "t1"
