"""Random Spark SQL: typed expressions over the functions that flare has, and queries around them.

A statement is a tree of nodes, so that shrinker.py can take parts of it away."""

import registry

# --- tables ---------------------------------------------------------------------------------------------------------

COLUMNS = {
    "k": "int",
    "bo": "boolean",
    "ti": "tinyint",
    "si": "smallint",
    "i": "int",
    "l": "bigint",
    "f": "float",
    "d": "double",
    "n": "decimal(10,2)",
    "w": "decimal(38,18)",
    "s": "string",
    "x": "binary",
    "dt": "date",
    "ts": "timestamp",
    "tn": "timestamp_ntz",
    "ai": "array<int>",
    "as_": "array<string>",
    "m": "map<string,int>",
    "st": "struct<a:int,b:string>",
}

VALUES = {
    "boolean": ["true", "false"],
    "tinyint": ["0Y", "1Y", "-1Y", "127Y", "-128Y", "7Y"],
    "smallint": ["0S", "1S", "-1S", "32767S", "-32768S", "300S"],
    "int": ["0", "1", "-1", "2", "3", "7", "10", "31", "-5", "100", "2147483647", "-2147483648", "65", "1000000"],
    "bigint": ["0L", "1L", "-1L", "5L", "9223372036854775807L", "-9223372036854775808L", "1700000000L", "4294967296L", "-77L"],
    "float": ["0.0F", "1.5F", "-2.25F", "0.1F", "3.4E38F", "1.0E-10F", "float('NaN')", "float('Infinity')", "16777216F"],
    "double": ["0.0D", "-0.0D", "1.5D", "2.5D", "-3.75D", "0.1D", "1e10", "1.7976931348623157E308", "4.9E-324", "double('NaN')", "double('-Infinity')", "123456.789D", "1e-7", "100.0D"],
    "decimal(10,2)": ["CAST(0 AS DECIMAL(10,2))", "CAST(1.50 AS DECIMAL(10,2))", "CAST(-99999999.99 AS DECIMAL(10,2))", "CAST(12.34 AS DECIMAL(10,2))", "CAST(99999999.99 AS DECIMAL(10,2))", "CAST(0.05 AS DECIMAL(10,2))"],
    "decimal(38,18)": ["CAST(1 AS DECIMAL(38,18))", "CAST('99999999999999999999.999999999999999999' AS DECIMAL(38,18))", "CAST('-0.000000000000000001' AS DECIMAL(38,18))", "CAST(3.14159 AS DECIMAL(38,18))"],
    "string": ["''", "'a'", "'abc'", "'Spark SQL'", "' pad '", "'12'", "'-7.5'", "'1e3'", "'ünïcödé ☃'", "'😀x'", "'true'", "'2024-02-29'", "'2024-01-15 10:30:45.123456'", "'a,b,,c'", "'k1=v1&k2=v2'", "'{\"a\":1,\"b\":\"x\"}'", "'[1,2,3]'", "'http://u@h.com:80/p/q?x=1&y=2#r'", "'AbC dEf'", "'%_\\\\x'", "'nan'", "'9999999999'", "'UTC'", "'YWJj'", "'616263'"],
    "binary": ["X''", "X'616263'", "X'00FF10'", "X'C3BC'", "X'80'"],
    "date": ["DATE'1970-01-01'", "DATE'2024-02-29'", "DATE'1999-12-31'", "DATE'0001-01-01'", "DATE'9999-12-31'", "DATE'2023-06-15'", "DATE'1582-10-15'"],
    "timestamp": ["TIMESTAMP'1970-01-01 00:00:00'", "TIMESTAMP'2024-02-29 23:59:59.999999'", "TIMESTAMP'1969-12-31 23:59:59.5'", "TIMESTAMP'2023-06-15 12:34:56.789'", "TIMESTAMP'0001-01-01 00:00:00'", "TIMESTAMP'9999-12-31 23:59:59'"],
    "timestamp_ntz": ["TIMESTAMP_NTZ'1970-01-01 00:00:00'", "TIMESTAMP_NTZ'2024-02-29 23:59:59.999999'", "TIMESTAMP_NTZ'2023-06-15 12:34:56.789'"],
    "array<int>": ["array(1, 2, 3)", "array(3, NULL, 1, 3)", "CAST(array() AS ARRAY<INT>)", "array(-5)"],
    "array<string>": ["array('a', 'b')", "array('x', NULL, '')", "CAST(array() AS ARRAY<STRING>)", "array('b', 'a', 'b')"],
    "map<string,int>": ["map('a', 1, 'b', 2)", "map('k', CAST(NULL AS INT))", "map('z', -1)"],
    "struct<a:int,b:string>": ["named_struct('a', 1, 'b', 'x')", "named_struct('a', CAST(NULL AS INT), 'b', '')"],
    "interval": ["INTERVAL '1' DAY", "INTERVAL '2' HOUR", "INTERVAL '-3' MINUTE", "INTERVAL '1.5' SECOND"],
    "months": ["INTERVAL '1' MONTH", "INTERVAL '-2' YEAR"],
}

WHOLE = ["tinyint", "smallint", "int", "bigint"]
NUMBERS = [*WHOLE, "float", "double", "decimal(10,2)", "decimal(38,18)"]
ATOMS = [*NUMBERS, "boolean", "string", "binary", "date", "timestamp", "timestamp_ntz"]
ARRAYS = ["array<int>", "array<string>"]
NESTED = [*ARRAYS, "map<string,int>", "struct<a:int,b:string>"]

KINDS = {
    "number": NUMBERS,
    "whole": WHOLE,
    "array": ARRAYS,
    "map": ["map<string,int>"],
    "struct": ["struct<a:int,b:string>"],
    "any": [*ATOMS, *NESTED],
}

# Functions whose answer is nobody's to predict, or that end the statement.
LEFT_OUT = {
    "current_date", "curdate", "current_timestamp", "now", "localtimestamp", "current_timezone", "unix_timestamp", "rand", "random",
    "randn", "uuid", "shuffle", "monotonically_increasing_id", "raise_error", "assert_true", "approx_count_distinct", "input_file_name",
    "session_window", "window", "window_time", "current_user", "user", "session_user", "current_catalog", "current_database",
    "current_schema", "version", "spark_partition_id", "input_file_block_start", "input_file_block_length", "collect_set",
    "approx_percentile", "percentile_approx", "aes_encrypt", "space", "java_method", "reflect", "try_reflect", "randstr", "uniform",
    "typeof", "hll_sketch_agg", "count_min_sketch", "histogram_numeric", "mode", "sentences", "explode", "explode_outer",
    "posexplode", "posexplode_outer", "inline", "inline_outer", "stack", "json_tuple", "variant_explode", "from_avro", "to_avro",
    "from_protobuf", "to_protobuf", "current_time",
}  # fmt: skip
ORDERED_BY_CHANCE = {"first", "first_value", "last", "last_value", "any_value", "collect_list", "array_agg", "string_agg", "listagg", "max_by", "min_by"}

PATTERNS = ["'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss'", "'dd/MM/yyyy'", "'HH:mm:ss.SSS'", "'EEE, d MMM yyyy'", "'yyyyMMdd'", "'D'", "'QQQ yyyy'", "'h:mm a'"]
REGEXES = ["'a'", "'[a-z]+'", "'(\\\\d+)'", "'^$'", "','", "'.'", "'(\\\\w)(\\\\w)'", "'b|c'", "''"]
UNITS = ["'YEAR'", "'MONTH'", "'DAY'", "'HOUR'", "'week'", "'quarter'", "'MINUTE'", "'nope'"]
ZONES = ["'UTC'", "'Asia/Tokyo'", "'America/New_York'", "'+05:30'"]
SMALL = ["0", "1", "2", "3", "-1", "5", "10"]
PATHS = ["'$.a'", "'$'", "'$.b'", "'$[1]'", "'$.*'", "'$.x.y'"]
SCHEMAS = ["'a INT, b STRING'", "'a DOUBLE'", "'a STRING, c BOOLEAN'", "'struct<a:bigint>'", "'a DECIMAL(10,2), b DATE'"]
PARTS = ["'HOST'", "'PATH'", "'QUERY'", "'REF'", "'PROTOCOL'"]

# function -> for the arguments by place, the texts to draw from
CHOICES = {
    **dict.fromkeys(["date_format", "to_date", "to_timestamp", "try_to_date", "try_to_timestamp", "from_unixtime", "to_unix_timestamp"], {1: PATTERNS}),
    **dict.fromkeys(["rlike", "regexp", "regexp_like", "regexp_substr", "regexp_count", "regexp_instr", "split"], {1: REGEXES}),
    **dict.fromkeys(["regexp_extract", "regexp_extract_all"], {1: REGEXES, 2: ["0", "1", "2"]}),
    "regexp_replace": {1: REGEXES, 2: ["'X'", "''", "'$1'", "'\\\\$'"], 3: ["1", "2"]},
    "trunc": {1: UNITS},
    **dict.fromkeys(["date_trunc", "extract", "datepart", "date_part"], {0: UNITS}),
    **dict.fromkeys(["from_utc_timestamp", "to_utc_timestamp"], {1: ZONES}),
    "convert_timezone": {0: ZONES},
    "get_json_object": {1: PATHS},
    "from_json": {0: ["'{\"a\":1,\"b\":\"x\"}'", "'{\"a\":\"7\"}'", "'{\"a\":1.5,\"b\":null}'", "'[]'", "'nope'", "'{\"a\":true'"], 1: SCHEMAS, 2: ["map('mode', 'PERMISSIVE')"]},
    "from_csv": {0: ["'1,x'", "'a,b'", "''", "'7'"], 1: SCHEMAS, 2: ["map('sep', ';')"]},
    "schema_of_json": {0: ["'{\"a\":1,\"b\":\"x\"}'", "'[1,2]'", "'{\"a\":{\"b\":[1.5]}}'"]},
    "schema_of_csv": {0: ["'1,x'", "'2024-01-01,1.5'"]},
    "parse_url": {1: PARTS},
    "try_parse_url": {1: PARTS},
    "conv": {1: ["10", "16", "2"], 2: ["16", "10", "-10"]},
    "sha2": {1: ["0", "224", "256", "384", "512", "1"]},
    "repeat": {1: SMALL},
    **dict.fromkeys(["lpad", "rpad"], {1: ["0", "3", "10", "-1"]}),
    **dict.fromkeys(["round", "bround", "ceil", "ceiling", "floor"], {1: ["0", "1", "2", "-1", "-2", "5"]}),
    "next_day": {1: ["'MO'", "'Friday'", "'sun'", "'x'"]},
    **dict.fromkeys(["encode", "decode"], {1: ["'UTF-8'", "'UTF-16'", "'ISO-8859-1'", "'US-ASCII'"]}),
    **dict.fromkeys(["to_binary", "try_to_binary"], {1: ["'hex'", "'utf-8'", "'base64'"]}),
    **dict.fromkeys(["to_number", "try_to_number", "to_char", "to_varchar"], {1: ["'999'", "'$99.99'", "'0000.0'", "'S999'"]}),
    "format_number": {1: ["0", "2", "5", "-1"]},
    **dict.fromkeys(["format_string", "printf"], {0: ["'%s'", "'%d'", "'%5.2f|%s'", "'%x'", "'%%'"]}),
    **dict.fromkeys(["percentile", "percentile_cont", "percentile_disc"], {1: ["0.5", "0.25", "0.0", "1.0"]}),
    **dict.fromkeys(["make_date", "make_timestamp", "make_timestamp_ntz", "make_timestamp_ltz", "try_make_timestamp"],
                    {0: ["2024", "1", "0"], 1: ["1", "2", "12", "13"], 2: ["1", "29", "31"], 3: ["0", "23"], 4: ["0", "59"], 5: ["0", "1.5", "60", "59.999999"], 6: ZONES}),
    **dict.fromkeys(["date_add", "date_sub", "dateadd", "add_months"], {1: SMALL}),
    **dict.fromkeys(["sequence"], {0: ["1", "3"], 1: ["1", "5", "-2"], 2: ["2", "-1"]}),
    **dict.fromkeys(["array_repeat"], {1: SMALL}),
    **dict.fromkeys(["ntile", "nth_value"], {0: ["1", "2", "3"], 1: ["1", "2", "3"]}),
    "string_agg": {1: ["'-'"]},
    "listagg": {1: ["'-'"]},
    "like": {1: ["'a%'", "'_b%'", "'%'", "''", "'%\\\\%'"]},
    "xpath": {1: ["'a/b'"]},
    "factorial": {0: ["0", "5", "20", "21", "-1"]},
    "elt": {0: ["1", "2", "3", "0"]},
    "width_bucket": {3: ["1", "5"]},
    "slice": {1: ["1", "2", "-1"], 2: ["0", "1", "5"]},
}  # fmt: skip


class Node:
    """Text with children: "{0} + {1}"; `kind` is the type it should have, "" when nobody knows."""

    def __init__(self, text, children=(), kind="", what="", keep=False):
        self.text, self.children, self.kind, self.what, self.keep = text, list(children), kind, what, keep

    def sql(self):
        if not self.children:
            return self.text
        return self.text.format(*(child.sql() for child in self.children))

    def size(self):
        return 1 + sum(child.size() for child in self.children)

    def names(self):
        found = {self.what} if self.what else set()
        return found.union(*(child.names() for child in self.children)) if self.children else found

    def replaced(self, path, node):
        if not path:
            return node
        children = list(self.children)
        children[path[0]] = children[path[0]].replaced(path[1:], node)
        return Node(self.text, children, self.kind, self.what, self.keep)

    def walk(self, path=()):
        yield path, self
        for index, child in enumerate(self.children):
            yield from child.walk((*path, index))


def leaf(text, kind="", what=""):
    return Node(text, (), kind, what)


class Generator:
    def __init__(self, chance):
        self.chance = chance
        everything = [one for one in registry.functions() if one.name not in LEFT_OUT and not one.name.startswith("flare_")]
        self.aggregates = [one for one in everything if one.subject == "aggregate"]
        self.windows = [one for one in everything if one.subject == "window"]
        self.scalars = [one for one in everything if one.subject not in ("aggregate", "window")]
        self.by_result = {}
        for one in self.scalars:
            self.by_result.setdefault(one.result, []).append(one)
        self.prefix = ""

    # --- tables -----------------------------------------------------------------------------------------------------

    def table(self, rows):
        """Rows of texts; the first column numbers them."""
        return [[str(n), *(self.value(kind, 0.2) for kind in list(COLUMNS.values())[1:])] for n in range(1, rows + 1)]

    def value(self, kind, null=0.1):
        return f"CAST(NULL AS {kind})" if self.chance.random() < null else self.chance.choice(VALUES[kind])

    # --- expressions ------------------------------------------------------------------------------------------------

    def type_of(self, kind):
        return self.chance.choice(KINDS[kind]) if kind in KINDS else kind

    def leaf(self, kind):
        columns = [name for name, other in COLUMNS.items() if other == kind]
        if columns and self.chance.random() < 0.6:
            return leaf(self.prefix + self.chance.choice(columns), kind)
        return leaf(self.value(kind) if kind in VALUES else "NULL", kind)

    def expression(self, kind, depth):
        kind = self.type_of(kind)
        if depth <= 0 or self.chance.random() < 0.15:
            return self.leaf(kind)
        makers = [self.call_of, self.call_of, self.operator, self.choice_of, self.cast]
        made = self.chance.choice(makers)(kind, depth - 1)
        return made or self.leaf(kind)

    def call_of(self, kind, depth):
        found = self.by_result.get(kind)
        return self.call(self.chance.choice(found), depth, kind) if found else None

    def arguments(self, function, depth):
        count = self.chance.randint(function.least, max(function.least, len(function.kinds)))
        if function.variadic:
            count = self.chance.randint(function.least, function.least + 2)
        choices = CHOICES.get(function.name, {})
        same = self.type_of("any") if "any" in function.kinds else None
        made = []
        for place in range(count):
            kind = function.kinds[min(place, len(function.kinds) - 1)]
            if place in choices and self.chance.random() < 0.9:
                made.append(Node(self.chance.choice(choices[place]), (), kind, keep=True))
            elif kind == "any":
                made.append(self.expression(same if self.chance.random() < 0.7 else "any", depth))
            elif self.chance.random() < 0.1:
                made.append(self.expression("any", depth))
            else:
                made.append(self.expression(kind, depth))
        return made

    def call(self, function, depth, kind=""):
        arguments = self.arguments(function, depth)
        places = ", ".join(f"{{{n}}}" for n in range(len(arguments)))
        if function.name in ("extract",) and len(arguments) == 2:
            arguments[0].text = arguments[0].text.strip("'") if not arguments[0].children else "DAY"
            return Node("extract({0} FROM {1})", [Node(arguments[0].text, (), "", keep=True), arguments[1]], kind, "extract")
        if not arguments:
            return Node(f"{function.name}()", (), kind, function.name)
        return Node(f"{function.name}({places})", arguments, kind, function.name)

    def operator(self, kind, depth):
        pick = self.chance.choice
        if kind in NUMBERS:
            op = pick(["+", "-", "*", "/", "%", "DIV"] + (["&", "|", "^"] if kind in WHOLE else []))
            return Node(f"({{0}} {op} {{1}})", [self.expression(kind if self.chance.random() < 0.6 else "number", depth) for _ in range(2)], kind, op)
        if kind == "boolean":
            return self.predicate(depth)
        if kind == "string":
            return Node("({0} || {1})", [self.expression("string", depth), self.expression("string" if self.chance.random() < 0.7 else "any", depth)], kind, "||")
        if kind in ("date", "timestamp", "timestamp_ntz"):
            return Node(f"({{0}} {pick('+-')} {{1}})", [self.expression(kind, depth), leaf(pick(VALUES[pick(['interval', 'months'])]))], kind, "+ interval")
        if kind == "int" and self.chance.random() < 0.5:
            return Node("{0}[{1}]", [self.expression("array<int>", depth), leaf(pick(SMALL))], kind, "[]")
        return None

    def predicate(self, depth):
        form = self.chance.randrange(9)
        kind = self.chance.choice(ATOMS)
        other = kind if self.chance.random() < 0.7 else self.chance.choice(ATOMS)
        first = self.expression(kind, depth)
        if form <= 2:
            op = self.chance.choice(["=", "<", ">", "<=", ">=", "<>", "<=>"])
            return Node(f"({{0}} {op} {{1}})", [first, self.expression(other, depth)], "boolean", op)
        if form == 3:
            op = self.chance.choice(["AND", "OR"])
            return Node(f"({{0}} {op} {{1}})", [self.expression("boolean", depth) for _ in range(2)], "boolean", op)
        if form == 4:
            return Node("(NOT {0})", [self.expression("boolean", depth)], "boolean", "NOT")
        if form == 5:
            return Node(f"({{0}} IS {self.chance.choice(['', 'NOT '])}NULL)", [first], "boolean", "IS NULL")
        if form == 6:
            return Node("({0} IN ({1}, {2}))", [first, self.expression(other, depth), self.expression(kind, depth)], "boolean", "IN")
        if form == 7:
            return Node("({0} BETWEEN {1} AND {2})", [first, self.expression(other, depth), self.expression(kind, depth)], "boolean", "BETWEEN")
        pattern = self.chance.choice(CHOICES["like"][1])
        return Node("({0} LIKE {1})", [self.expression("string", depth), Node(pattern, (), "", keep=True)], "boolean", "LIKE")

    def choice_of(self, kind, depth):
        parts = [self.expression("boolean", depth), self.expression(kind, depth), self.expression(kind, depth)]
        if self.chance.random() < 0.5:
            return Node("CASE WHEN {0} THEN {1} ELSE {2} END", parts, kind, "CASE")
        return Node("coalesce({0}, {1})", parts[1:], kind, "coalesce")

    def cast(self, kind, depth):
        word = self.chance.choice(["CAST", "CAST", "TRY_CAST"])
        return Node(f"{word}({{0}} AS {kind})", [self.expression(self.chance.choice(ATOMS), depth)], kind, word)

    def item(self):
        """An expression whose outermost part is a function, an operator or a cast, each about equally often."""
        depth = self.chance.choice([0, 0, 1, 1, 2, 3])
        if self.chance.random() < 0.7:
            return self.call(self.chance.choice(self.scalars), depth)
        return self.chance.choice([self.operator, self.choice_of, self.cast])(self.chance.choice(ATOMS), depth) or self.leaf("int")

    def aggregate(self, depth=1, by_chance=True):
        while True:
            function = self.chance.choice(self.aggregates)
            if by_chance or function.name not in ORDERED_BY_CHANCE:
                break
        call = self.call(function, depth)
        if self.chance.random() < 0.15 and call.children and function.name in ("count", "sum", "avg", "min", "max"):
            call.text = call.text.replace("(", "(DISTINCT ", 1)
        elif self.chance.random() < 0.15:
            call = Node("{0} FILTER (WHERE {1})", [call, self.expression("boolean", 1)], "", "FILTER")
        return call

    def window(self):
        function = self.chance.choice(self.windows * 2 + self.aggregates)
        call = self.call(function, 1)
        partition = self.chance.choice(["", "", "PARTITION BY bo ", "PARTITION BY i % 3 ", "PARTITION BY s "])
        order = self.chance.choice(["ORDER BY k", "ORDER BY k DESC", "ORDER BY k", "ORDER BY bo, k", ""])
        frame = ""
        if function.subject == "aggregate" and order and self.chance.random() < 0.6:
            frame = self.chance.choice(["ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", "ROWS 2 PRECEDING", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                                        "RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                                        "ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING"])  # fmt: skip
        if not order and function.name in ORDERED_BY_CHANCE:
            order = "ORDER BY k"
        return Node(f"{{0}} OVER ({partition}{order} {frame})", [call], "", "OVER")

    # --- queries ----------------------------------------------------------------------------------------------------

    def statement(self):
        """A Query."""
        self.prefix = ""
        form = self.chance.choices(
            [self.plain, self.grouped, self.windowed, self.joined, self.nested, self.united, self.constant],
            [30, 20, 12, 8, 6, 4, 20],
        )[0]
        return form()

    def where(self, share=0.3):
        return [self.expression("boolean", 2)] if self.chance.random() < share else []

    def plain(self):
        return Query("SELECT {items} FROM t1{where}", [self.item() for _ in range(self.chance.choice([1, 1, 2]))], self.where())

    def constant(self):
        return Query("SELECT {items} FROM t1{where}", [self.item()], [leaf("k = 1", "boolean")])

    def grouped(self):
        items = [self.aggregate() for _ in range(self.chance.choice([1, 1, 2]))]
        if self.chance.random() < 0.4:
            return Query("SELECT {items} FROM t1{where}", items, self.where())
        key = self.chance.choice(["bo", "i % 3", "s", "dt", "ti"])
        having = self.chance.choice(["", "", " HAVING count(*) > 1", f" HAVING max(k) > 3 AND {key} IS NOT NULL"])
        return Query(f"SELECT {key} AS g, {{items}} FROM t1{{where}} GROUP BY {key}{having}", items, self.where())

    def windowed(self):
        return Query("SELECT k, {items} FROM t1{where}", [self.window()], self.where(0.15))

    def joined(self):
        join = self.chance.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"])
        on = self.chance.choice(["a.i = b.i", "a.k = b.k", "a.s <=> b.s", "a.bo = b.bo AND a.k < b.k", "a.l = b.i"])
        self.prefix = "a."
        items = [self.item() for _ in range(self.chance.choice([1, 1, 2]))]
        if "SEMI" not in join and "ANTI" not in join and self.chance.random() < 0.6:
            self.prefix = "b."
            items.append(self.item())
        self.prefix = ""
        return Query(f"SELECT {{items}} FROM t1 a {join} t2 b ON {on}{{where}}", items, [])

    def nested(self):
        self.prefix = "t1."
        items, where = [self.item()], self.where(0.2)
        self.prefix = ""
        kind = self.chance.choice(["int", "string", "date", "decimal(10,2)"])
        column = next(name for name, other in list(COLUMNS.items())[1:] if other == kind)
        form = self.chance.choice([
            f"t1.{column} {self.chance.choice(['', 'NOT '])}IN (SELECT {column} FROM t2)",
            f"{self.chance.choice(['', 'NOT '])}EXISTS (SELECT 1 FROM t2 WHERE t2.{column} = t1.{column})",
            f"t1.{column} = (SELECT max({column}) FROM t2)",
            f"t1.k <= (SELECT count(*) FROM t2 WHERE t2.{column} < t1.{column})",
        ])  # fmt: skip
        return Query("SELECT t1.k, {items} FROM t1{where}", items, [leaf(form, ""), *where])

    def united(self):
        op = self.chance.choice(["UNION ALL", "UNION", "EXCEPT", "INTERSECT"])
        kind = self.chance.choice(ATOMS)
        other = kind if self.chance.random() < 0.6 else self.chance.choice(ATOMS)
        return Query("SELECT {items} FROM t1{where}", [self.expression(kind, 1)], self.where(0.1), f" {op} SELECT {self.leaf(other).sql()} FROM t2 WHERE k < 5")


class Query:
    """A statement: items, conditions and the frame around them."""

    def __init__(self, text, items, where=(), tail=""):
        self.text, self.items, self.where, self.tail = text, list(items), list(where), tail

    def sql(self):
        where = " AND ".join(one.sql() for one in self.where)
        head = self.text.replace("{where}", f" WHERE {where}" if where else "", 1)
        return head.replace("{items}", ", ".join(one.sql() for one in self.items), 1) + self.tail

    def size(self):
        text = len(self.text) + len(self.tail)
        return sum(10 * one.size() + len(one.sql()) for one in [*self.items, *self.where]) + text

    def names(self):
        return set().union(*(one.names() for one in [*self.items, *self.where]))
