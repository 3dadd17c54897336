-- The tables that recorded statements read, in Spark SQL. The session's time zone is UTC.
CREATE OR REPLACE TEMPORARY VIEW orders AS SELECT * FROM VALUES
  (1, 10, CAST(100.50 AS DECIMAL(10,2)), 2, 50.25D, 'NEW', TIMESTAMP'2024-01-15 10:30:00', DATE'2024-01-15', 'first order'),
  (2, 10, CAST(20.00 AS DECIMAL(10,2)), 1, 20.0D, 'PAID', TIMESTAMP'2024-01-15 10:35:30.123', DATE'2024-01-15', NULL),
  (3, 11, CAST(7.25 AS DECIMAL(10,2)), 3, 2.4166666667D, 'NEW', TIMESTAMP'2024-02-29 23:59:59.999999', DATE'2024-02-29', 'leap day'),
  (4, 12, NULL, 0, 0.0D, 'CANCELLED', TIMESTAMP'2024-03-10 02:30:00', DATE'2024-03-10', ''),
  (5, NULL, CAST(999.99 AS DECIMAL(10,2)), 5, 199.998D, 'PAID', NULL, NULL, 'no customer; 100% "odd"'),
  (6, 13, CAST(-15.75 AS DECIMAL(10,2)), -1, 15.75D, 'REFUND', TIMESTAMP'2023-12-31 23:59:59', DATE'2023-12-31', 'it''s back'),
  (7, 11, CAST(7.25 AS DECIMAL(10,2)), NULL, NULL, NULL, TIMESTAMP'2024-02-29 12:00:00', DATE'2024-02-29', 'ünïcödé ☃')
  AS t(order_id, customer_id, amount, qty, price, status, ts, d, note);

CREATE OR REPLACE TEMPORARY VIEW customers AS SELECT * FROM VALUES
  (10, 'Alice', 'Berlin', true, DATE'2020-05-17', CAST(1234.5678 AS DECIMAL(12,4))),
  (11, 'bob', 'Paris', false, DATE'2021-11-30', CAST(0.0001 AS DECIMAL(12,4))),
  (12, 'Carol', NULL, NULL, NULL, NULL),
  (14, 'dave', 'Berlin', true, DATE'2019-02-28', CAST(-99.9999 AS DECIMAL(12,4)))
  AS t(customer_id, name, city, vip, signup, balance);

CREATE OR REPLACE TEMPORARY VIEW events AS SELECT * FROM VALUES
  (1L, X'6B31', '{"user":{"id":7,"name":"Ann","tags":["a","b"]},"amount":12.50,"ok":true,"ts":"2024-01-15T10:00:00Z","n":null}', TIMESTAMP'2024-01-15 10:00:00', 'clicks', 0, 100L,
   array('red','green',NULL), map('os','linux','ver','1.2'), named_struct('lat', 52.5D, 'lon', 13.4D, 'city', 'Berlin'),
   array(named_struct('sku','A1','qty',2,'price',CAST(9.99 AS DECIMAL(8,2))), named_struct('sku','B2','qty',1,'price',CAST(100.00 AS DECIMAL(8,2)))), CAST(1.5 AS FLOAT)),
  (2L, X'6B32', '{"user":{"id":8,"name":"Bob","tags":[]},"amount":"7","ok":"yes","ts":"2024-01-15 10:04:59.5"}', TIMESTAMP'2024-01-15 10:04:59.5', 'clicks', 0, 101L,
   array(), map(), named_struct('lat', -1.0D, 'lon', 0.0D, 'city', NULL), array(), CAST(-0.0 AS FLOAT)),
  (3L, NULL, 'not json', TIMESTAMP'2024-01-15 10:05:00', 'views', 1, 7L,
   NULL, NULL, NULL, NULL, CAST('NaN' AS FLOAT)),
  (4L, X'FF00', '{"user":null,"amount":1e3,"extra":{"k":[1,2,{"z":"deep"}]}}', TIMESTAMP'2024-01-15 10:31:00', 'views', 1, 8L,
   array('blue','blue','red'), map('os', CAST(NULL AS STRING), 'ver','2.0'), named_struct('lat', 48.85D, 'lon', 2.35D, 'city', 'Paris'),
   array(named_struct('sku','C3','qty',CAST(NULL AS INT),'price',CAST(0.50 AS DECIMAL(8,2)))), CAST(NULL AS FLOAT)),
  (5L, X'', NULL, TIMESTAMP'2024-03-31 01:30:00', 'clicks', 2, 0L,
   array('x'), map('b','2','a','1'), named_struct('lat', 0.0D, 'lon', 0.0D, 'city', ''), array(named_struct('sku','A1','qty',10,'price',CAST(9.50 AS DECIMAL(8,2)))), CAST(3.25 AS FLOAT))
  AS t(event_id, key, body, event_time, topic, `partition`, `offset`, tags, attrs, loc, items, score);

CREATE OR REPLACE TEMPORARY VIEW clicks AS SELECT * FROM VALUES
  ('u1', TIMESTAMP'2024-01-15 09:58:00', '/home', 1),
  ('u1', TIMESTAMP'2024-01-15 10:01:00', '/cart', 2),
  ('u1', TIMESTAMP'2024-01-15 10:20:00', '/pay', 3),
  ('u2', TIMESTAMP'2024-01-15 10:00:00', '/home', 4),
  ('u2', TIMESTAMP'2024-01-15 10:04:59.999', '/home', NULL),
  ('u2', TIMESTAMP'2024-01-15 10:10:00', '/pay', 6),
  (NULL, TIMESTAMP'2024-01-15 10:12:00', '/bot', 7)
  AS t(user, ts, page, n);

CREATE OR REPLACE TEMPORARY VIEW nums AS SELECT * FROM VALUES
  (1, 7, 10L, CAST(3 AS SMALLINT), CAST(1 AS TINYINT), CAST(0.1 AS FLOAT), 2.5D, CAST(1.005 AS DECIMAL(10,3))),
  (2, -7, 9223372036854775807L, CAST(-32768 AS SMALLINT), CAST(-128 AS TINYINT), CAST(-1.5 AS FLOAT), -2.5D, CAST(-1.005 AS DECIMAL(10,3))),
  (3, 0, 0L, CAST(0 AS SMALLINT), CAST(0 AS TINYINT), CAST(0 AS FLOAT), 0.0D, CAST(0 AS DECIMAL(10,3))),
  (4, 2147483647, -9223372036854775808L, CAST(32767 AS SMALLINT), CAST(127 AS TINYINT), CAST('Infinity' AS FLOAT), CAST('NaN' AS DOUBLE), CAST(9999999.999 AS DECIMAL(10,3))),
  (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 10, 3L, CAST(5 AS SMALLINT), CAST(2 AS TINYINT), CAST(3.4028235E38 AS FLOAT), 1.0E20D, CAST(2.500 AS DECIMAL(10,3)))
  AS t(id, i, l, s, b, f, d, m);

CREATE OR REPLACE TEMPORARY VIEW strs AS SELECT * FROM VALUES
  (1, '42'), (2, ' 42 '), (3, '42.7'), (4, 'abc'), (5, ''), (6, CAST(NULL AS STRING)), (7, 'true'), (8, 'Y'), (9, '1e3'),
  (10, '2024-01-15'), (11, '2024-1-5'), (12, '2024-01-15 10:30:00'), (13, '2024-01-15T10:30:00.123Z'), (14, '2024-01-15 10:30:00+05:30'), (15, '2024'), (16, '2024-13-45'),
  (17, '99999999999'), (18, 'NaN'), (19, '-Infinity'), (20, '+7'), (21, '0x1F'), (22, '12:30')
  AS t(id, s);
