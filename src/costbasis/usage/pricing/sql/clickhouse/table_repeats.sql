SELECT
  COUNT(*) AS "ids",
  SUM("t3"."copies") AS "copies",
  MIN("t3"."request_id") AS "first_id"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t1"."request_id" AS "request_id",
      COUNT(*) AS "copies"
    FROM (
      SELECT
        *
      FROM "source" AS "t0"
      WHERE
        isNotNull("t0"."request_id")
    ) AS "t1"
    GROUP BY
      "t1"."request_id"
  ) AS "t2"
  WHERE
    "t2"."copies" > 1
) AS "t3"
