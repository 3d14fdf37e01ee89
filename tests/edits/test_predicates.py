"""The language of predicates: bracketed comparisons, &, |, not_, is_in, and nothing more."""

import ast
import inspect
import textwrap

import pytest

from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue
from cocm.edits.fact import Kind, Scope

EDITS = catalogue()
PREDICATES = [
    pytest.param(function, id=f"{edit.id} {function.__name__}")
    for edit in EDITS
    for function in (edit.applies, edit.trips)
]


def body_of(function):
    """The one expression that the function returns, after its docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    assert [argument.arg for argument in tree.args.args] == ["f"], (
        "a predicate takes the facts, f, and nothing else"
    )
    assert ast.get_docstring(tree), "a predicate says in one line when it holds"
    assert len(tree.body) == 2, "a predicate is its docstring and one return"
    assert isinstance(tree.body[1], ast.Return)
    return tree.body[1].value


def refuse(node, why):
    raise AssertionError(f"line {node.lineno}: {ast.unparse(node)}: {why}")


def check_truth(node):
    """A node that must be a truth: a boolean fact, a comparison, & or |, not_ or is_in."""
    if isinstance(node, ast.BinOp):
        if not isinstance(node.op, ast.BitAnd | ast.BitOr):
            refuse(node, "only & and | combine truths")
        check_truth(node.left)
        check_truth(node.right)
    elif isinstance(node, ast.Compare):
        check_comparison(node)
    elif isinstance(node, ast.Call):
        check_call(node)
    elif kind_of(node) is not Kind.BOOLEAN:
        refuse(node, "only a boolean fact is a truth by itself; compare the others")


def check_comparison(node):
    if len(node.ops) != 1:
        refuse(node, "chained comparisons mean something else on columns")
    if isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
        refuse(node, "`is` and `in` do not work on columns; write == or is_in")
    left, right = kind_of(node.left), kind_of(node.comparators[0])
    if isinstance(node.left, ast.Constant):
        refuse(node, "a comparison starts with a fact")
    if Kind.BOOLEAN in (left, right):
        refuse(node, "a boolean fact is not compared; use it, or not_")
    if left is not right:
        refuse(node, f"compares {left} with {right}")


def check_call(node):
    if not isinstance(node.func, ast.Name) or node.func.id not in ("not_", "is_in") or node.keywords:
        refuse(node, "only not_ and is_in may be called")
    if node.func.id == "not_":
        assert len(node.args) == 1
        check_truth(node.args[0])
        return
    fact, members = node.args
    if not isinstance(members, ast.Tuple) or len(members.elts) < 2:
        refuse(node, "is_in takes a fact and a tuple of at least two literals")
    for member in members.elts:
        if not isinstance(member, ast.Constant) or kind_of(member) is not kind_of(fact):
            refuse(member, "is not a literal of the fact's kind")


def kind_of(node):
    """The kind of a fact or literal; anything else is refused."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "f":
        if node.attr not in FACTS:
            refuse(node, "there is no such fact")
        return FACTS[node.attr].kind
    if isinstance(node, ast.Constant) and type(node.value) in (int, str):
        return Kind.INTEGER if isinstance(node.value, int) else Kind.TEXT
    return refuse(node, "a predicate holds facts and literals only (a bracket is missing if this is & or |)")


@pytest.mark.parametrize("predicate", PREDICATES)
def test_predicates_hold_only_what_runs_alike_everywhere(predicate):
    check_truth(body_of(predicate))


REFUSED = {
    "not f.is_addon": "a predicate holds facts",
    "f.is_addon and f.has_addon_unit_limit": "a predicate holds facts",
    "0 < f.addon_units_month < 3": "chained",
    "f.is_addon & f.addon_units_month > 0": "bracket is missing",
    "4 < f.addon_units_month": "starts with a fact",
    "~f.is_addon": "a predicate holds facts",
    "f.is_addon == True": "a predicate holds facts",
    "f.addon_units_month": "only a boolean fact",
    "f.addon_units_month in (1, 2)": "is_in",
    "f.addon_units_month > f.addon_code": "compares",
    "f.no_such_fact": "no such fact",
    "f.addon_units_month + 1 > 2": "bracket is missing",
    "len(f.addon_code) > 2": "a predicate holds facts",
    "any(f.is_addon)": "only not_ and is_in",
    "f.is_addon if f.has_addon_unit_limit else f.is_addon": "a predicate holds facts",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_the_check_refuses_what_would_drift_apart(expression):
    with pytest.raises(AssertionError, match=REFUSED[expression]):
        check_truth(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.id)
def test_an_edit_about_the_claim_reads_no_fact_of_a_line(edit):
    if edit.edit.grain.value == "claim":
        assert {FACTS[name].scope for name in edit.facts} <= {Scope.POLICY, Scope.CLAIM}
