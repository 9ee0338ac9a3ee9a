import Foundation

/// A plan as `EXPLAIN (FORMAT JSON)` prints it, reduced to how it finds rows of `sessions`.
struct QueryPlan {
    /// Whether every look into the table goes through an index with a condition on it.
    let usesIndex: Bool

    private struct Document: Decodable {
        let plan: Node

        enum CodingKeys: String, CodingKey { case plan = "Plan" }
    }

    private struct Node: Decodable {
        let type: String
        let relation: String?
        let indexCondition: String?
        let children: [Node]?

        enum CodingKeys: String, CodingKey {
            case type = "Node Type"
            case relation = "Relation Name"
            case indexCondition = "Index Cond"
            case children = "Plans"
        }

        var all: [Node] { [self] + (children ?? []).flatMap(\.all) }

        /// A sequential scan, or a walk through a whole index, which is no better.
        var readsEverything: Bool {
            switch type {
            case "Seq Scan": relation == "sessions"
            case "Index Scan", "Index Only Scan", "Bitmap Index Scan": indexCondition == nil
            default: false
            }
        }
    }

    init(json: String) throws {
        let documents = try JSONDecoder().decode([Document].self, from: Data(json.utf8))
        let nodes = documents.flatMap(\.plan.all)
        usesIndex = !nodes.isEmpty && !nodes.contains(where: \.readsEverything)
    }
}
