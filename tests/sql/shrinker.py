"""Makes a statement on which two engines differ as small as it can be."""

import copy

from generator import COLUMNS, VALUES, Node, Query, leaf


def smaller(query, rows):
    """Queries with a part less, the smallest first."""
    found = []
    for items in _lists(query.items, 1):
        found.append(Query(query.text, items, query.where, query.tail))
    for where in _lists(query.where, 0):
        found.append(Query(query.text, query.items, where, query.tail))
    for having in (" HAVING count(*) > 1",):
        if having in query.text:
            found.append(Query(query.text.replace(having, ""), query.items, query.where, query.tail))
    for text in _simpler_texts(query):
        found.append(Query(text, query.items, query.where, query.tail))
    for row in rows:
        if f"k = {row[0]}" not in query.sql():
            found.append(Query(query.text, query.items, [*query.where, leaf(f"k = {row[0]}", "boolean")], query.tail))
    if not _uses_columns(query) and query.text == "SELECT {items} FROM t1{where}" and not query.tail:
        found.append(Query("SELECT {items}", query.items))
    found.sort(key=Query.size)
    return [one for one in found if one.size() < query.size() or " k = " in one.sql()]


def _uses_columns(query):
    words = query.sql().replace("(", " ").replace(")", " ").replace(",", " ").split()
    return bool({*COLUMNS, "WHERE"}.intersection(words))


def _simpler_texts(query):
    plain = "SELECT {items} FROM t1{where}"
    if query.text != plain and not query.text.startswith("SELECT k") and not any("OVER" in one.sql() for one in query.items):
        if "GROUP BY" in query.text or "JOIN" in query.text:
            yield plain


def _lists(nodes, least):
    """The list with one node less, or with one of them smaller."""
    if len(nodes) > least:
        for index in range(len(nodes)):
            yield nodes[:index] + nodes[index + 1 :]
    for index, node in enumerate(nodes):
        for other in _smaller_nodes(node):
            yield nodes[:index] + [other] + nodes[index + 1 :]


def _smaller_nodes(root):
    for path, node in root.walk():
        if node.keep or not node.children and not _column(node):
            continue
        replacements = [child for child in node.children if not child.keep]
        kinds = {node.kind} & set(VALUES) or {child.kind for child in node.children} & set(VALUES)
        for kind in kinds:
            replacements += [leaf(text, kind) for text in [*VALUES[kind][:6], f"CAST(NULL AS {kind})"]]
        if node.children and not path and node.what == "FILTER":
            replacements.append(node.children[0])
        for other in replacements:
            yield root.replaced(path, other)


def _column(node):
    return node.text.split(".")[-1] in COLUMNS


def with_literals(query, rows):
    """Queries whose columns are the values of one row."""
    found = []
    for row in rows:
        values = dict(zip(COLUMNS, row))

        def put(node):
            if not node.children:
                name = node.text.split(".")[-1]
                return leaf(values[name], node.kind) if name in values and not node.keep else node
            return Node(node.text, [put(child) for child in node.children], node.kind, node.what, node.keep)

        other = copy.copy(query)
        other.items, other.where = [put(one) for one in query.items], []
        other.text = "SELECT {items}"
        found.append(other)
    return found


def shrink(query, rows, differ, seconds_left):
    """The smallest query found on which the engines still differ; `differ` says of many queries which do."""
    for other, still in zip(literals := with_literals(query, rows), differ(literals)):
        if still:
            query = other
            break
    for _ in range(25):
        if seconds_left() < 0:
            break
        candidates = smaller(query, rows)[:60]
        found = next((one for one, still in zip(candidates, differ(candidates)) if still), None)
        if found is None or found.sql() == query.sql():
            break
        query = found
    return query
