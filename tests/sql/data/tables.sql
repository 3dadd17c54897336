-- The rows that statements.jsonl reads. A line `-- table: name: schema` gives Spark's columns of the view spark_<name>,
-- whose own columns are c0, c1, ... with struct fields f0, f1, ...
CREATE TABLE orders AS SELECT * FROM (VALUES
  (1, 10, CAST(100.50 AS DECIMAL(10,2)), 2, 50.25::DOUBLE, 'NEW', TIMESTAMPTZ'2024-01-15 10:30:00+00', DATE'2024-01-15', 'first order'),
  (2, 10, CAST(20.00 AS DECIMAL(10,2)), 1, 20.0::DOUBLE, 'PAID', TIMESTAMPTZ'2024-01-15 10:35:30.123+00', DATE'2024-01-15', NULL),
  (3, 11, CAST(7.25 AS DECIMAL(10,2)), 3, 2.4166666667::DOUBLE, 'NEW', TIMESTAMPTZ'2024-02-29 23:59:59.999999+00', DATE'2024-02-29', 'leap day'),
  (4, 12, NULL, 0, 0.0::DOUBLE, 'CANCELLED', TIMESTAMPTZ'2024-03-10 02:30:00+00', DATE'2024-03-10', ''),
  (5, NULL, CAST(999.99 AS DECIMAL(10,2)), 5, 199.998::DOUBLE, 'PAID', NULL, NULL, 'no customer; 100% "odd"'),
  (6, 13, CAST(-15.75 AS DECIMAL(10,2)), -1, 15.75::DOUBLE, 'REFUND', TIMESTAMPTZ'2023-12-31 23:59:59+00', DATE'2023-12-31', 'it''s back'),
  (7, 11, CAST(7.25 AS DECIMAL(10,2)), NULL, NULL, NULL, TIMESTAMPTZ'2024-02-29 12:00:00+00', DATE'2024-02-29', 'ünïcödé ☃'))
  AS t(order_id, customer_id, amount, qty, price, status, ts, d, note);

CREATE TABLE customers AS SELECT * FROM (VALUES
  (10, 'Alice', 'Berlin', true, DATE'2020-05-17', CAST(1234.5678 AS DECIMAL(12,4))),
  (11, 'bob', 'Paris', false, DATE'2021-11-30', CAST(0.0001 AS DECIMAL(12,4))),
  (12, 'Carol', NULL, NULL, NULL, NULL),
  (14, 'dave', 'Berlin', true, DATE'2019-02-28', CAST(-99.9999 AS DECIMAL(12,4))))
  AS t(customer_id, name, city, vip, signup, balance);

CREATE TABLE events(event_id BIGINT, "key" BLOB, body VARCHAR, event_time TIMESTAMPTZ, topic VARCHAR, "partition" INTEGER, "offset" BIGINT,
  tags VARCHAR[], attrs MAP(VARCHAR, VARCHAR), loc STRUCT(lat DOUBLE, lon DOUBLE, city VARCHAR), items STRUCT(sku VARCHAR, qty INTEGER, price DECIMAL(8,2))[], score FLOAT);
INSERT INTO events VALUES
  (1, '\x6B\x31'::BLOB, '{"user":{"id":7,"name":"Ann","tags":["a","b"]},"amount":12.50,"ok":true,"ts":"2024-01-15T10:00:00Z","n":null}', '2024-01-15 10:00:00+00', 'clicks', 0, 100,
   ['red','green',NULL], MAP{'os':'linux','ver':'1.2'}, {'lat':52.5,'lon':13.4,'city':'Berlin'}, [{'sku':'A1','qty':2,'price':9.99},{'sku':'B2','qty':1,'price':100.00}], 1.5),
  (2, '\x6B\x32'::BLOB, '{"user":{"id":8,"name":"Bob","tags":[]},"amount":"7","ok":"yes","ts":"2024-01-15 10:04:59.5"}', '2024-01-15 10:04:59.5+00', 'clicks', 0, 101,
   [], MAP{}, {'lat':-1.0,'lon':0.0,'city':NULL}, [], 0.0),
  (3, NULL, 'not json', '2024-01-15 10:05:00+00', 'views', 1, 7, NULL, NULL, NULL, NULL, 'NaN'),
  (4, '\xFF\x00'::BLOB, '{"user":null,"amount":1e3,"extra":{"k":[1,2,{"z":"deep"}]}}', '2024-01-15 10:31:00+00', 'views', 1, 8,
   ['blue','blue','red'], MAP{'os':NULL,'ver':'2.0'}, {'lat':48.85,'lon':2.35,'city':'Paris'}, [{'sku':'C3','qty':NULL,'price':0.50}], NULL),
  (5, ''::BLOB, NULL, '2024-03-31 01:30:00+00', 'clicks', 2, 0, ['x'], MAP{'b':'2','a':'1'}, {'lat':0.0,'lon':0.0,'city':''}, [{'sku':'A1','qty':10,'price':9.50}], 3.25);

CREATE TABLE clicks AS SELECT * FROM (VALUES
  ('u1', TIMESTAMPTZ'2024-01-15 09:58:00+00', '/home', 1),
  ('u1', TIMESTAMPTZ'2024-01-15 10:01:00+00', '/cart', 2),
  ('u1', TIMESTAMPTZ'2024-01-15 10:20:00+00', '/pay', 3),
  ('u2', TIMESTAMPTZ'2024-01-15 10:00:00+00', '/home', 4),
  ('u2', TIMESTAMPTZ'2024-01-15 10:04:59.999+00', '/home', NULL),
  ('u2', TIMESTAMPTZ'2024-01-15 10:10:00+00', '/pay', 6),
  (NULL, TIMESTAMPTZ'2024-01-15 10:12:00+00', '/bot', 7))
  AS t("user", ts, page, n);

CREATE TABLE nums(id INTEGER, i INTEGER, l BIGINT, s SMALLINT, b TINYINT, f FLOAT, d DOUBLE, m DECIMAL(10,3));
INSERT INTO nums VALUES
  (1, 7, 10, 3, 1, 0.1, 2.5, 1.005),
  (2, -7, 9223372036854775807, -32768, -128, -1.5, -2.5, -1.005),
  (3, 0, 0, 0, 0, 0, 0.0, 0),
  (4, 2147483647, -9223372036854775808, 32767, 127, 'Infinity', 'NaN', 9999999.999),
  (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 10, 3, 5, 2, 3.4028235E38, 1.0E20, 2.500);

CREATE TABLE strs AS SELECT * FROM (VALUES
  (1, '42'), (2, ' 42 '), (3, '42.7'), (4, 'abc'), (5, ''), (6, NULL), (7, 'true'), (8, 'Y'), (9, '1e3'),
  (10, '2024-01-15'), (11, '2024-1-5'), (12, '2024-01-15 10:30:00'), (13, '2024-01-15T10:30:00.123Z'), (14, '2024-01-15 10:30:00+05:30'), (15, '2024'), (16, '2024-13-45'),
  (17, '99999999999'), (18, 'NaN'), (19, '-Infinity'), (20, '+7'), (21, '0x1F'), (22, '12:30'))
  AS t(id, s);

-- table: orders: order_id INT, customer_id INT, amount DECIMAL(10,2), qty INT, price DOUBLE, status STRING, ts TIMESTAMP, d DATE, note STRING
CREATE VIEW spark_orders AS SELECT "order_id" AS c0, "customer_id" AS c1, "amount" AS c2, "qty" AS c3, "price" AS c4, "status" AS c5, "ts" AS c6, "d" AS c7, "note" AS c8 FROM orders;
-- table: customers: customer_id INT, name STRING, city STRING, vip BOOLEAN, signup DATE, balance DECIMAL(12,4)
CREATE VIEW spark_customers AS SELECT "customer_id" AS c0, "name" AS c1, "city" AS c2, "vip" AS c3, "signup" AS c4, "balance" AS c5 FROM customers;
-- table: events: event_id BIGINT, key BINARY, body STRING, event_time TIMESTAMP, topic STRING, partition INT, offset BIGINT, tags ARRAY<STRING>, attrs MAP<STRING, STRING>, loc STRUCT<lat: DOUBLE, lon: DOUBLE, city: STRING>, items ARRAY<STRUCT<sku: STRING, qty: INT, price: DECIMAL(8,2)>>, score FLOAT
CREATE VIEW spark_events AS SELECT "event_id" AS c0, "key" AS c1, "body" AS c2, "event_time" AS c3, "topic" AS c4, "partition" AS c5, "offset" AS c6, "tags" AS c7, "attrs" AS c8, CASE WHEN loc IS NULL THEN NULL ELSE struct_pack(f0 := loc.lat, f1 := loc.lon, f2 := loc.city) END AS c9, list_transform(items, lambda x: struct_pack(f0 := x.sku, f1 := x.qty, f2 := x.price)) AS c10, "score" AS c11 FROM events;
-- table: clicks: user STRING, ts TIMESTAMP, page STRING, n INT
CREATE VIEW spark_clicks AS SELECT "user" AS c0, "ts" AS c1, "page" AS c2, "n" AS c3 FROM clicks;
-- table: nums: id INT, i INT, l BIGINT, s SMALLINT, b TINYINT, f FLOAT, d DOUBLE, m DECIMAL(10,3)
CREATE VIEW spark_nums AS SELECT "id" AS c0, "i" AS c1, "l" AS c2, "s" AS c3, "b" AS c4, "f" AS c5, "d" AS c6, "m" AS c7 FROM nums;
-- table: strs: id INT, s STRING
CREATE VIEW spark_strs AS SELECT "id" AS c0, "s" AS c1 FROM strs;
