/// The description of the public server's routes, as it was when the program was built.
public enum OpenAPIFile {
    /// An OpenAPI 3.1 document, JSON in UTF-8.
    public static let contents: [UInt8] = PackageResources.openapi_json
}
