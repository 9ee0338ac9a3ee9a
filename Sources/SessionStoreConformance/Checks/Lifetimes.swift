import Foundation
import Sessions

extension SessionStoreConformance {
    static let lifetimes: [SessionStoreCheck] = [
        SessionStoreCheck("SS-04 an unused session ends after the idle lifetime, without a cleaner") { subject in
            let id = try await subject.create(signedIn()).id
            try await subject.pass(.seconds(3590))
            try expect(try await subject.isAlive(id), "it is alive before the idle lifetime is over")
            try await subject.pass(.seconds(20))
            try expect(try await subject.isAlive(id) == false, "it is over after the idle lifetime")
        },
        SessionStoreCheck("a use starts a new idle period, within the stored end") { subject in
            let session = try await subject.create(signedIn())
            try await subject.pass(.seconds(3000))
            try expect(try await subject.touch(session.id) == 1, "the use is written")
            try await subject.pass(.seconds(3000))
            try expect(try await subject.isAlive(session.id), "it is alive an idle lifetime after the use")
        },
        SessionStoreCheck("an anonymous session ends with its idle lifetime, used or not") { subject in
            let id = try await subject.create(SessionAttributes()).id
            try await subject.pass(.seconds(3000))
            _ = try await subject.touch(id)
            try await subject.pass(.seconds(700))
            try expect(try await subject.isAlive(id) == false, "nobody's session isn't extended by use")
        },
        SessionStoreCheck("SS-06 a use is written at most once per update age") { subject in
            let id = try await subject.create(signedIn()).id
            try expect(try await subject.touch(id) == 0, "a fresh session needs no write")
            try await subject.pass(.seconds(310))
            try expect(try await subject.touch(id) == 1, "the first use after the update age is written")
            try expect(try await subject.touch(id) == 0, "the next one isn't")
        },
        SessionStoreCheck("a use that waited to be written counts from when it was") { subject in
            let session = try await subject.create(signedIn())
            try await subject.pass(.seconds(1000))
            try expect(try await subject.touch(session.id, age: .seconds(400)) == 1, "it is written")
            let read = try unwrap(try await subject.read(session.id), "it is alive")
            let since = read.readAt.timeIntervalSince(read.lastAccessedAt)
            try expect((400..<410).contains(since), "the last use was 400 seconds ago, not \(since)")
        },
        SessionStoreCheck("SS-05 no use takes a session past the absolute lifetime") { subject in
            let id = try await subject.create(signedIn()).id
            var refresh = SessionUpdate()
            refresh.extendsLifetime = true
            for _ in 0..<(30 * 24) {
                try await subject.pass(.seconds(3500))
                _ = try await subject.touch(id)
                if try await subject.store.update(id, refresh, policy: subject.policy) == nil { break }
            }
            // 720 times 3500 seconds are 29 days and 4 hours.
            try expect(try await subject.isAlive(id), "it is alive on day 29")
            for _ in 0..<24 {
                try await subject.pass(.seconds(3500))
                _ = try await subject.touch(id)
                _ = try await subject.store.update(id, refresh, policy: subject.policy)
            }
            try expect(try await subject.isAlive(id) == false, "it is over on day 30")
        },
        SessionStoreCheck("a signed-in session ends at its stored end unless it is refreshed") { subject in
            let left = try await subject.create(signedIn()).id
            let refreshed = try await subject.create(signedIn()).id
            var refresh = SessionUpdate()
            refresh.extendsLifetime = true
            for hour in 0..<(8 * 24) {
                try await subject.pass(.seconds(3500))
                _ = try await subject.store.touch(
                    [SessionTouch(id: left, age: .zero), SessionTouch(id: refreshed, age: .zero)],
                    policy: subject.policy
                )
                if hour == 100 { _ = try await subject.store.update(refreshed, refresh, policy: subject.policy) }
            }
            try expect(try await subject.isAlive(left) == false, "seven days after the login it is over")
            try expect(try await subject.isAlive(refreshed), "the refresh moved its end")
        },
        SessionStoreCheck("the end that is told is the earliest of the three") { subject in
            let session = try await subject.create(signedIn())
            let lifetime = session.expiresAt.timeIntervalSince(session.readAt)
            try expect((3590...3600).contains(lifetime), "a fresh session ends with its idle lifetime")
        },
    ]
}
