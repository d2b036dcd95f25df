resource "aws_iam_policy" "a" {
  name   = "a"
  policy = data.aws_iam_policy_document.one.json
}
resource "aws_iam_policy" "b" {
  name   = "b"
  policy = data.aws_iam_policy_document.two.json
}
