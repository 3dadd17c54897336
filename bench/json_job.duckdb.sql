SELECT e.id, e.user, e.type, e.amount * e.item.quantity AS total, to_timestamp(e.ts / 1000) AS event_time,
       e.item.sku AS sku, e.tags[1] AS tag, e.text
FROM (SELECT from_json(decode(value),
                       '{"id":"BIGINT","user":"VARCHAR","type":"VARCHAR","amount":"DOUBLE","ts":"BIGINT",
                         "item":{"sku":"VARCHAR","quantity":"INTEGER"},"tags":["VARCHAR"],"text":"VARCHAR"}') AS e
      FROM input)
WHERE e.amount > 100 AND e.type <> 'view'
