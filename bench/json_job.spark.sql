SELECT e.id, e.user, e.type, e.amount * e.item.quantity AS total, CAST(e.ts / 1000 AS TIMESTAMP) AS event_time,
       e.item.sku AS sku, e.tags[0] AS tag, e.text
FROM (SELECT from_json(CAST(value AS STRING),
                       'id BIGINT, user STRING, type STRING, amount DOUBLE, ts BIGINT,
                        item STRUCT<sku: STRING, quantity: INT>, tags ARRAY<STRING>, text STRING') AS e
      FROM input)
WHERE e.amount > 100 AND e.type <> 'view'
