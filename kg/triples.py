"""Write a Reading, or an Article, as quads."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.iris import PREFIXES, Iris
from kg.model import Article, Attribution, Claim, Framing, Reading, Span, Statement, Vocabulary

LANGUAGE = "en"  # what labels, claims and notes are written in
_MARKS = "“”‘’\"'"

Value = NamedNode | Literal | tuple[NamedNode, ...] | None
Pairs = Iterator[tuple[NamedNode, Value]]


def _known(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


_A = _known("rdf:type")
_LABEL = _known("skos:prefLabel")
_NOTE = _known("skos:note")


def text_quads(article: Article, iris: Iris) -> Iterator[Quad]:
    """Yield the exact text of an article, in its own graph."""
    graph, text = iris.graph("text", article.slug), iris.text(article)
    yield Quad(text, _A, iris.term("SourceText"), graph)
    yield Quad(text, _known("nif:isString"), Literal(article.text), graph)
    yield Quad(text, iris.term("sha256"), Literal(article.sha256), graph)
    yield Quad(iris.article(article.slug), _A, iris.term("Article"), graph)
    yield Quad(iris.article(article.slug), iris.term("hasText"), text, graph)


def metadata_quads(article: Article, iris: Iris, vocabulary: Vocabulary) -> Iterator[Quad]:
    """Yield what is known of an article from outside: who says so, never the bare fact."""
    graph = iris.graph("metadata", article.slug)
    for item in article.metadata:
        node = iris.outside(article.slug, item.name)
        yield Quad(node, _A, iris.term("OutsideStatement"), graph)
        yield Quad(node, iris.term("concerns"), iris.article(article.slug), graph)
        yield Quad(node, iris.term("outsideProperty"), NamedNode(vocabulary.metadata[item.name]), graph)
        yield Quad(node, iris.term("outsideValue"), Literal(item.value), graph)
        yield Quad(node, _known("dct:source"), Literal(item.source), graph)


def reading_quads(reading: Reading, iris: Iris, vocabulary: Vocabulary) -> Iterator[Quad]:
    """Yield everything a reading says, in its own graph, whose IRI is the reading itself."""
    graph = iris.graph("reading", reading.slug)
    for triple in _Writer(reading, iris, vocabulary).triples():
        yield Quad(triple.subject, triple.predicate, triple.object, graph)


class _Writer:
    def __init__(self, reading: Reading, iris: Iris, vocabulary: Vocabulary) -> None:
        self.reading, self.article, self.iris, self.vocabulary = reading, reading.article, iris, vocabulary
        self.statements = {statement.id: statement for statement in reading.statements}
        self.attributions = {attribution.id: attribution for attribution in reading.attributions}

    def triples(self) -> Iterator[Triple]:
        article, iris, reading = self.article, self.iris, self.reading
        yield from self.reading_itself()
        for number, segment in enumerate(reading.segments):
            yield from self.about(iris.segment(article, segment.id), self.segment(number))
        for claim in reading.claims:
            yield from self.about(iris.claim(claim.id), self.claim(claim))
        for item in reading.evidence:
            pairs = ((_A, self.hs("EvidenceItem")), (_LABEL, _said(item.label)), (_NOTE, _said(item.note)))
            yield from self.about(iris.evidence(article, item.id), iter(pairs))
        for statement in reading.statements:
            yield from self.about(iris.statement(article, statement.id), self.statement(statement))
            if not statement.made_by:
                yield from self.placeholder(statement.id, self.signal(statement))
        for attribution in reading.attributions:
            yield from self.about(iris.attribution(article, attribution.id), self.attribution(attribution))
        for framing in reading.framings:
            yield from self.about(iris.framing(article, framing.id), self.framing(framing))
            if framing.voice is None and framing.voice_of is None:
                yield from self.placeholder(framing.id, (framing.span,))
        for span in dict.fromkeys(span for span, _ in used_spans(reading)):
            yield from self.about(iris.span(article, span), self.span(span))

    def about(self, subject: NamedNode, pairs: Pairs) -> Iterator[Triple]:
        for predicate, value in pairs:
            for term in value if isinstance(value, tuple) else (value,):
                if term is not None:
                    yield Triple(subject, predicate, term)

    def hs(self, name: str) -> NamedNode:
        return self.iris.term(name)

    def reading_itself(self) -> Iterator[Triple]:
        reading, iris, annotator = self.reading, self.iris, self.reading.annotator
        node, activity = iris.graph("reading", reading.slug), iris.activity("reading", reading.slug)
        agent, text = iris.annotator(annotator.id), iris.text(self.article)
        ended = Literal(f"{reading.made.isoformat()}T00:00:00Z", datatype=_known("xsd:dateTime"))
        title = next((s for s in reading.segments if s.kind == "headline"), None)
        kind = self.hs(f"{annotator.kind.capitalize()}Annotator")
        version = None if annotator.version is None else Literal(annotator.version)
        yield Triple(node, _A, self.hs("Reading"))
        yield Triple(node, self.hs("readsArticle"), iris.article(self.article.slug))
        yield Triple(node, _known("prov:wasDerivedFrom"), text)
        yield Triple(node, _known("prov:wasGeneratedBy"), activity)
        note = ((_known("rdfs:comment"), _said(reading.note)),)
        yield from self.about(node, iter(note))
        yield Triple(activity, _A, _known("prov:Activity"))
        yield Triple(activity, _known("prov:used"), text)
        yield Triple(activity, _known("prov:wasAssociatedWith"), agent)
        yield Triple(activity, _known("prov:endedAtTime"), ended)
        yield Triple(agent, _A, self.hs("Annotator"))
        yield Triple(agent, _LABEL, Literal(annotator.label, language=LANGUAGE))
        yield Triple(agent, self.hs("annotatorKind"), kind)
        yield from self.about(agent, iter(((self.hs("softwareVersion"), version),)))
        if title:
            headline = Literal(self.article.words(title.span), language=LANGUAGE)
            yield Triple(iris.article(self.article.slug), _LABEL, headline)

    def segment(self, number: int) -> Pairs:
        segment = self.reading.segments[number]
        yield _A, NamedNode(self.vocabulary.segments[segment.kind])
        yield self.hs("inArticle"), self.iris.article(self.article.slug)
        yield self.hs("segmentNumber"), Literal(number)
        yield self.hs("hasExtent"), self.iris.span(self.article, segment.span)
        yield self.hs("annotationStatus"), self.hs("Complete" if segment.complete else "Partial")

    def claim(self, claim: Claim) -> Pairs:
        yield _A, self.hs("Claim")
        yield self.hs("canonicalText"), _said(claim.text)
        if claim.evaluative:
            yield _A, self.hs("EvaluativeClaim")
        if claim.alias:
            yield _A, self.hs("AliasClaim")
            yield self.hs("aliasOf"), self.iris.actor(claim.alias.of)
            yield self.hs("aliasName"), Literal(claim.alias.name)
        yield self.hs("about"), self.actors(claim.about)
        yield self.hs("accuses"), self.actors(claim.accuses)
        yield self.hs("entails"), self.claims(claim.entails)
        yield self.hs("contradicts"), self.claims(claim.contradicts)
        yield self.hs("inTensionWith"), self.claims(claim.in_tension_with)
        yield _NOTE, _said(claim.note)

    def statement(self, statement: Statement) -> Pairs:
        stance = self.vocabulary.stances[statement.stance]
        yield _A, NamedNode(stance.term)
        if statement.claim is not None:
            yield NamedNode(stance.addresses), self.iris.claim(statement.claim)
        yield self.hs("madeBy"), self.sources(statement)
        yield self.hs("onBehalfOf"), self.actors(statement.on_behalf_of)
        yield self.hs("addressedTo"), self.actors(statement.addressed_to)
        yield self.hs("presupposes"), self.claims(statement.presupposes)
        yield (
            self.hs("respondsTo"),
            tuple(self.iris.statement(self.article, i) for i in statement.responds_to),
        )
        yield self.hs("citesEvidence"), tuple(self.iris.evidence(self.article, i) for i in statement.evidence)
        if statement.certainty:
            yield self.hs("hasCertainty"), NamedNode(self.vocabulary.certainties[statement.certainty.level])
            yield self.hs("certaintyTerm"), Literal(self.article.words(statement.certainty.span))
            yield self.hs("certaintySpan"), self.iris.span(self.article, statement.certainty.span)
        if statement.time:
            yield self.hs("timeExpression"), Literal(self.article.words(statement.time.span))
            yield self.hs("timeSpan"), self.iris.span(self.article, statement.time.span)
            yield self.hs("timeRelation"), NamedNode(self.vocabulary.times[statement.time.relation])
        if statement.non_answer_kind is not None:
            kind = self.vocabulary.non_answers[statement.non_answer_kind]
            yield self.hs("nonAnswerKind"), NamedNode(kind)
        yield self.hs("alternativeReading"), _said(statement.alternative_reading)
        yield _NOTE, _said(statement.note)

    def attribution(self, attribution: Attribution) -> Pairs:
        voice: tuple[NamedNode, ...] = (self.iris.actor("narrator"),)
        if attribution.embedded_in is not None:
            outer = self.attributions[attribution.embedded_in]
            voice = self.sources(self.statements[outer.statement])
            yield self.hs("embeddedIn"), self.iris.attribution(self.article, outer.id)
        yield _A, self.hs("Attribution")
        yield self.hs("reports"), self.iris.statement(self.article, attribution.statement)
        yield self.hs("voice"), voice
        yield self.hs("reportingMode"), NamedNode(self.vocabulary.modes[attribution.mode])
        yield self.hs("inArticle"), self.iris.article(self.article.slug)
        yield self.hs("inSegment"), self.iris.segment(self.article, attribution.segment)
        yield self.hs("sourceSpan"), self.spans(attribution.source)
        yield self.hs("cueSpan"), self.spans(attribution.cue)
        yield self.hs("contentSpan"), self.spans(attribution.content)
        yield self.hs("quoteSpan"), self.spans(attribution.quotes)
        if attribution.inherits_from is not None:
            yield self.hs("inheritsSourceFrom"), self.iris.segment(self.article, attribution.inherits_from)

    def framing(self, framing: Framing) -> Pairs:
        voice: Value = self.iris.placeholder(self.article, framing.id)
        if framing.voice is not None:
            voice = self.iris.actor(framing.voice)
        elif framing.voice_of is not None:
            voice = self.sources(self.statements[framing.voice_of])
        yield _A, self.hs("Framing")
        yield self.hs("framingType"), NamedNode(self.vocabulary.framings[framing.type])
        yield self.hs("framingSpan"), self.iris.span(self.article, framing.span)
        yield self.hs("framingVoice"), voice
        yield self.hs("framesActor"), self.actors(framing.about)
        yield self.hs("framesClaim"), None if framing.claim is None else self.iris.claim(framing.claim)
        yield self.hs("inArticle"), self.iris.article(self.article.slug)
        yield self.hs("inSegment"), self.iris.segment(self.article, framing.segment)
        yield _NOTE, _said(framing.note)

    def span(self, span: Span) -> Pairs:
        yield _A, self.hs("TextSpan")
        yield _known("nif:referenceContext"), self.iris.text(self.article)
        yield _known("nif:beginIndex"), Literal(span.begin)
        yield _known("nif:endIndex"), Literal(span.end)
        yield _known("nif:anchorOf"), Literal(self.article.words(span))

    def signal(self, statement: Statement) -> tuple[Span, ...]:
        reports = (a for a in self.reading.attributions if a.statement == statement.id)
        return next((report.cue or report.content for report in reports), ())

    def placeholder(self, slug: str, spans: tuple[Span, ...]) -> Iterator[Triple]:
        # The words of the report tell one unidentified source from another; marks around them go.
        words = " … ".join(" ".join(self.article.words(span).split()) for span in spans)
        label = _said(f"unidentified source (“{words.strip(_MARKS)}”)" if words else "unidentified source")
        pairs = ((_A, self.hs("UnidentifiedActor")), (_LABEL, label))
        yield from self.about(self.iris.placeholder(self.article, slug), iter(pairs))

    def sources(self, statement: Statement) -> tuple[NamedNode, ...]:
        return self.actors(statement.made_by) or (self.iris.placeholder(self.article, statement.id),)

    def actors(self, slugs: tuple[str, ...]) -> tuple[NamedNode, ...]:
        return tuple(self.iris.actor(slug) for slug in slugs)

    def claims(self, slugs: tuple[str, ...]) -> tuple[NamedNode, ...]:
        return tuple(self.iris.claim(slug) for slug in slugs)

    def spans(self, spans: tuple[Span, ...]) -> tuple[NamedNode, ...]:
        return tuple(self.iris.span(self.article, span) for span in spans)


def used_spans(reading: Reading) -> Iterator[tuple[Span, int]]:
    """Yield every span that a reading uses, with the line of the item that uses it."""
    for attribution in reading.attributions:
        for span in (*attribution.source, *attribution.cue, *attribution.content, *attribution.quotes):
            yield span, attribution.line
    for statement in reading.statements:
        for detail in (statement.certainty, statement.time):
            if detail:
                yield detail.span, statement.line
    for framing in reading.framings:
        yield framing.span, framing.line
    for segment in reading.segments:
        yield segment.span, segment.line


def _said(text: str | None) -> Literal | None:
    return None if text is None else Literal(text, language=LANGUAGE)
