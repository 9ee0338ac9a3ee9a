import Foundation

@testable import OpenIDConnect
@testable import SessionServer
@testable import Sessions
@testable import WireText

extension FuzzTarget {
    /// `q` and a query, or `j` and a JSON body: what administrators, schedulers and links to `/login` say.
    static let arguments = FuzzTarget(
        name: "arguments",
        maximumBytes: 17_000,
        dictionary: [
            "qtenantId=", "user=", "issuer=", "state=active,expired", "olderThanDays=", "inactiveDays=", "limit=",
            "cursor=",
            "return_to=", "login_hint=", "prompt=login+consent", "max_age=", "ui_locales=", "&", "%", "j{\"user\":",
            "\"olderThanDays\":1", "\"dryRun\":true", "\\u00e9", "\\ud83d\\ude00", "\\u0000", "1e5",
        ]
    ) { bytes in
        let input = FuzzInput(bytes)
        if input.kind == UInt8(ascii: "q") {
            let query = QueryParameters(input.text)
            try check(query)
            try check(query.options(permitting: Set(LoginParameter.allCases)))
            let arguments = try? Arguments(query, allowing: names)
            try check(arguments)
            if arguments != nil { try checkNames(query) }
        } else {
            try JSONCheck(Array(input.rest)).run()
            let arguments = try? Arguments(json: Array(input.rest), allowing: names)
            try check(arguments)
            try check(arguments, said: Array(input.rest))
        }
    }

    private static let names = Arguments.criteria + ["limit", "cursor", "dryRun"]

    private static func check(_ query: QueryParameters) throws {
        try expect(query.parameters.count <= 64, "more parameters than are read")
        let again = QueryParameters(FormCoding.encode(query.parameters))
        let pairs = query.parameters.filter { !($0.name.isEmpty && $0.value.isEmpty) }
        let isSame = zip(again.parameters.filter { !($0.name.isEmpty && $0.value.isEmpty) }, pairs).allSatisfy {
            $0.name.hasSameBytes(as: $1.name) && $0.value.hasSameBytes(as: $1.value)
        }
        try expect(again.isWhole && isSame, "parameters are others when they are written and read again")
        for (name, _) in query.parameters.prefix(8) {
            let count = query.parameters.count { $0.name.hasSameBytes(as: name) }
            try expect((query[name] != nil) == (count == 1), "a repeated parameter has a value")
        }
    }

    private static func check(_ options: AuthorizationOptions) throws {
        try expect(
            options.prompt.allSatisfy { ["login", "consent", "select_account"].contains($0) },
            "a hidden prompt"
        )
        if let age = options.maximumAuthenticationAge {
            try expect(age >= .zero && age <= .seconds(31_536_000), "an impossible max_age")
        }
    }

    /// No criterion is lost or made up: what was asked for is in the filter, or the request is refused.
    private static func check(_ arguments: Arguments?) throws {
        guard let arguments, let filter = try? arguments.filter() else { return }
        for text in [filter.tenantID, filter.subject] {
            try expect(text.map { (1...255).contains($0.utf8.count) } ?? true, "a text that is empty or too long")
        }
        if let age = filter.olderThan { try expect(age >= .days(1) && age <= .days(36_500), "an impossible age") }
        try expect((try? arguments.text("user")) == filter.subject, "another user than the one that was named")
        // More than the store takes for a tenant or an issuer would be refused there.
        try expect((try? filter.validate()) != nil, "a filter that the store refuses")
        try expect(!filter.isEmpty || isHarmless(arguments), "criteria were lost")
        if let text = try? arguments.text("cursor"), let cursor = SessionPage.Cursor(text) {
            try expect(cursor.description == text, "a cursor of two spellings")
        }
        if let limit = try? arguments.integer("limit", in: 1...100) { try expect((1...100).contains(limit), "limit") }
    }

    private static func checkNames(_ query: QueryParameters) throws {
        let said = query.parameters.map(\.name)
        try expect(query.isWhole && said.allSatisfy(names.containsBytes), "a parameter that nobody knows")
        try expect(Set(said).count == said.count, "one of several parameters of a name")
    }

    /// A body has the members that Foundation's parser, which is another one, finds in it.
    private static func check(_ arguments: Arguments?, said body: [UInt8]) throws {
        guard let arguments, let value = try? JSONSerialization.jsonObject(with: Data(body)) else { return }
        guard let members = value as? [String: Any] else { throw Violation(description: "a body that is no object") }
        try expect(Set(members.keys).isSubset(of: names), "a member that nobody knows")
        try expect(arguments.isEmpty == members.isEmpty, "members are lost, or made up")
        for name in ["tenantId", "user", "issuer", "cursor"] {
            guard let text = try? arguments.text(name) else { continue }
            try expect(text == members[name] as? String, "another \(name) than the one that was named")
        }
        if let flag = try? arguments.flag("dryRun") {
            try expect((members["dryRun"] as? NSNumber)?.boolValue == flag, "another dryRun")
        }
    }

    /// Whether nothing that was said narrows anything: all states, or none.
    private static func isHarmless(_ arguments: Arguments) -> Bool {
        let texts = ["tenantId", "user", "issuer"].allSatisfy { (try? arguments.text($0)) == .some(nil) }
        let numbers = ["olderThanDays", "inactiveDays"].allSatisfy { name in
            (try? arguments.integer(name, in: 1...Arguments.maximumDays)) == .some(nil)
        }
        return texts && numbers
    }
}
