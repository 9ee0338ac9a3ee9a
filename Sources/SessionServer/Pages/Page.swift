/// A whole page: title, one main part, no script, no inline style.
struct Page: Sendable {
    var title: String
    var body: HTML
    /// Whether a form on it posts back to us.
    ///
    /// A page that forbids referrers altogether has its forms sent with `Origin: null`, which the check of older
    /// browsers' requests can't use; such pages say `same-origin` instead.
    var hasForm = false

    func document(applicationName: String) -> HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>\(title) – \(applicationName)</title>
        <link rel="stylesheet" href="\(Paths.stylesheet)">
        </head>
        <body>
        <header><a href="\(Paths.start)">\(applicationName)</a></header>
        <main>
        <h1>\(title)</h1>
        \(body)
        </main>
        </body>
        </html>

        """
    }
}
