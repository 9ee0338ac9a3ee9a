import Testing

@testable import SessionServer

@Suite("Query of a request")
struct QueryParametersTests {
    @Test("A parameter that is there once has a value, one that is there twice has none")
    func values() {
        let query = QueryParameters("a=1&b=2&b=3&c&d=x+y%2Fz&%61%62=4&bad=%zz")
        #expect(query["a"] == "1")
        #expect(query["b"] == nil && query.contains("b"))
        #expect(query["c"] == "")
        #expect(query["d"] == "x y/z")
        #expect(query["ab"] == "4")
        #expect(!query.contains("bad") && !query.contains("e"))
    }

    @Test("Names are compared byte by byte, so that nobody's combining marks are put in order")
    func names() {
        let query = QueryParameters("%C3%A9=1&e%CC%81=2")
        #expect(query["\u{e9}"] == "1")
        #expect(query["e\u{301}"] == "2")
        #expect(!QueryParameters("%E2%84%AA=1").contains("K"))
    }
}
