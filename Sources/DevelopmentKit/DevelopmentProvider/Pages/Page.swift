import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The frame of every page.
struct Page: Sendable {
    var title: String
    /// HTML; whatever came from outside is in it through ``escaped(_:)`` only.
    var body: String
    /// A script of ours, allowed by its digest.
    var script: String?

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Self.escaped(title))</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <main>
        <p class="banner">Development provider: anybody can be anybody here</p>
        <h1>\(Self.escaped(title))</h1>
        \(body)
        </main>
        \(script.map { "<script>\($0)</script>" } ?? "")
        </body>
        </html>
        """
    }

    /// Nothing is loaded, nothing runs but what is written here, and no other page shows this one in a frame.
    ///
    /// There is no `form-action`: browsers apply it to the redirects after a form too, and those lead to applications.
    var contentSecurityPolicy: String {
        var policy = "default-src 'none'; style-src \(Self.source(Self.style))"
        if let script { policy += "; script-src \(Self.source(script))" }
        return policy + "; base-uri 'none'; frame-ancestors 'none'"
    }

    private static func source(_ text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Array(text.utf8))).base64EncodedString())'"
    }

    private static let style = """
        :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
        body { margin: 0; display: grid; place-items: center; min-height: 100vh; background: Canvas; color: CanvasText; }
        main { width: min(26rem, 100vw - 2rem); padding: 1rem 0; }
        h1 { font-size: 1.4rem; }
        .banner { font-size: .85rem; padding: .4rem .6rem; border-radius: .4rem; background: #fff3cd; color: #664d03; }
        form { display: grid; gap: .6rem; }
        button { font: inherit; text-align: left; padding: .7rem .9rem; border: 1px solid GrayText; border-radius: .5rem;
        background: ButtonFace; color: ButtonText; cursor: pointer; }
        button:focus-visible, button:hover { outline: 2px solid #0a58ca; }
        button small { display: block; opacity: .75; }
        """
}
